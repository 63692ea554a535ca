_base_ = ['../model.py']
stem = '{{ fileBasenameNoExtension }}'
model = dict(stem=stem)
