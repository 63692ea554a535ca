#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_page.py FILE: reads a page of pinfeed with Python's HTML parser. Prints the ids of its sections and
some of its numbers as JSON. Fails when an element is not closed, or when the page refers to another file."""
import json
import sys
from html.parser import HTMLParser

VOID = {'meta', 'br', 'hr', 'img', 'input', 'link'}


class Page(HTMLParser):

    def __init__(self):
        super().__init__()
        self.open, self.sections, self.data, self.tables, self.images = [], [], '', 0, 0
        self.charts = 0

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.check(tag, values)
        if tag not in VOID:
            self.open.append((tag, values))

    def handle_startendtag(self, tag, attrs):
        self.check(tag, dict(attrs))

    def check(self, tag, values):
        assert tag not in ('link', 'iframe', 'base', 'object', 'embed'), tag
        for name, value in values.items():
            assert not name.startswith('on'), f'{tag} {name}'
            if name in ('src', 'href', 'srcset', 'data', 'action'):
                assert value.startswith(('#', 'data:image/jpeg;base64,')), f'{tag} {name}={value[:80]}'
            assert 'url(' not in (value or ''), f'{tag} {name}'
        self.sections += [values['id']] if tag == 'section' else []
        self.tables += tag == 'table'
        self.images += tag == 'image'
        self.charts += 'data-chart' in values

    def handle_endtag(self, tag):
        assert self.open and self.open[-1][0] == tag, f'</{tag}> in {self.open[-1:]}'
        self.open.pop()

    def handle_data(self, data):
        if not self.open:
            return
        tag, values = self.open[-1]
        if tag == 'script' and values.get('type') == 'application/json':
            self.data += data
        if tag == 'style':
            assert 'url(' not in data and '@import' not in data


def main():
    page = Page()
    with open(sys.argv[1], encoding='utf-8') as file:
        page.feed(file.read())
    page.close()
    assert not page.open, page.open
    data = json.loads(page.data)
    assert page.charts == len(data['charts'])
    curves = {curve['name']: curve for chart in data['charts'] for curve in chart['curves']}
    print(json.dumps({
  'sections' : page.sections, 'tables' : page.tables, 'images' : page.images,
      'complete' : data['complete'],
                   'loss' : curves['loss']['x'] if 'loss' in curves else[],
                            'metrics' : data.get('evaluation', {}).get('metrics', {}),
    }))


if __name__ == '__main__':
    main()
