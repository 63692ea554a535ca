// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/report/page_html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>

#include "pinfeed/config/read_json.h"
#include "pinfeed/report/html_text.h"
#include "pinfeed/report/page_json.h"
#include "tests/report/html_reader.h"
#include "tests/report/made_page.h"

namespace pinfeed::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Value json_of(const HtmlReader& page) {
  for (const Element& script : page.named("script")) {
    if (script.attributes.contains("type"))
      return Value(read_json(std::make_shared<const SourceText>(SourceText{"page", script.text})));
  }
  return {};
}

const Value& at(const Value& value, std::initializer_list<const char*> keys) {
  const Value* found = &value;
  for (const char* key : keys) found = found->find(key);
  return *found;
}

TEST(PageHtml, IsWellFormedWithAllSections) {
  const HtmlReader page(html_of(made_page()));
  EXPECT_THAT(page.errors, ElementsAre());
  std::vector<std::string> ids;
  for (const Element& section : page.named("section")) ids.push_back(section.attributes.at("id"));
  EXPECT_THAT(ids, ElementsAre("curves", "evaluation", "predictions", "reconstructions", "samples",
                               "loader", "config", "versions"));
  EXPECT_EQ(page.named("a").size(), ids.size());
}

TEST(PageHtml, HasNoSectionWithoutData) {
  const HtmlReader page(html_of({.title = "empty", .complete = false}));
  EXPECT_THAT(page.errors, ElementsAre());
  EXPECT_TRUE(page.named("section").empty());
}

TEST(PageHtml, RefersToNothingOutsideOfTheFile) {
  const std::string html = html_of(made_page());
  for (const Element& element : HtmlReader(html).elements) {
    for (const auto& [name, value] : element.attributes) {
      if (name == "href" || name == "src") {
        EXPECT_TRUE(value.starts_with("#") || value.starts_with("data:image/jpeg;base64,"))
            << element.name << " " << value;
      }
      EXPECT_THAT(value, Not(HasSubstr("url("))) << element.name;
      EXPECT_FALSE(name.starts_with("on")) << element.name;
    }
    if (element.name == "link" || element.name == "iframe") ADD_FAILURE() << element.name;
  }
  for (const char* text : {"@import", "url(", "fetch(", "import(", "XMLHttpRequest"})
    EXPECT_THAT(html, Not(HasSubstr(text)));
  // The one URL is in the text of the config.
  const std::size_t url = html.find("://");
  EXPECT_EQ(html.substr(url, 14), "://example.com");
  EXPECT_EQ(html.find("://", url + 1), std::string::npos);
}

TEST(PageHtml, EscapesEveryText) {
  const std::string html = html_of(made_page());
  EXPECT_THAT(html, Not(HasSubstr(hostile)));
  const HtmlReader page(html);
  EXPECT_EQ(page.named("script").size(), 2U);
  EXPECT_EQ(page.named("h1").front().text, "&lt;/script&gt;&lt;b&gt;&amp;&quot;&#39;");
  EXPECT_EQ(at(json_of(page), {"title"}).string(), hostile);
}

TEST(PageHtml, ShowsTheNumbersInTheTextAndInTheJson) {
  const std::string html = html_of(made_page());
  const Value json = json_of(HtmlReader(html));
  const Value& charts = at(json, {"charts"});
  ASSERT_EQ(charts.items().size(), 2U);
  const Value& loss = charts.items()[0].find("curves")->items()[0];
  EXPECT_EQ(at(loss, {"y"}).items()[0].real(), 2.5);
  EXPECT_TRUE(at(loss, {"y"}).items()[1].is_none());
  EXPECT_EQ(at(loss, {"y"}).items()[2].real(), 0.1234567);
  const Value& evaluation = at(json, {"evaluation"});
  EXPECT_EQ(evaluation.find("metrics")->find("coco/bbox_mAP")->real(), 0.425);
  EXPECT_TRUE(evaluation.find("metrics")->find("coco/bbox_mAP_s")->is_none());
  EXPECT_EQ(evaluation.find("classes")->items()[0].find("ap75")->real(), 0.125);
  EXPECT_EQ(at(evaluation, {"confusion", "counts"}).items()[4].integer(), 4);
  EXPECT_EQ(at(json, {"loader", "waited"}).real(), 0.2);
  for (const char* text :
       {">0.425<", ">0.125<", ">1,234<", "the training is the bottleneck: it waits for a batch 2 %",
        "1 of 9 images", "62 % of the row"})
    EXPECT_THAT(html, HasSubstr(text));
}

TEST(PageHtml, OfATrainingWithoutIterationsHasNoSpeed) {
  ReportPage page = made_page();
  EXPECT_THAT(html_of(page), HasSubstr("images/s; of "));
  page.loader->use.seconds = 0.0;
  page.loader->images_per_second = {};
  const std::string html = html_of(page);
  EXPECT_THAT(html, Not(HasSubstr("images/s; of ")));
  EXPECT_THAT(html, HasSubstr("for files."));
  EXPECT_THAT(html, HasSubstr("\"images_per_second\":null"));
}

TEST(PageHtml, OfALongTrainingIsSmallAndKeepsTheExtremes) {
  ReportPage page{.title = "long"};
  Series loss{.name = "loss"};
  for (int i = 0; i < 1'000'000; ++i) {
    loss.x.push_back(i);
    loss.y.push_back(1.0 + 0.1 * std::sin(i));
  }
  loss.y[123'456] = 50.0;
  loss.y[654'321] = -50.0;
  page.curves = {{.title = "Loss", .x_title = "iteration", .curves = {loss}}};
  const std::string html = html_of(page);
  EXPECT_LT(html.size(), 120'000U);
  const Value json = json_of(HtmlReader(html));
  const Value& curve = at(json, {"charts"}).items()[0].find("curves")->items()[0];
  EXPECT_LE(at(curve, {"x"}).items().size(), 2000U);
  std::vector<double> y;
  for (const Value& value : at(curve, {"y"}).items())
    y.push_back(value.is_int() ? static_cast<double>(value.integer()) : value.real());
  EXPECT_EQ(*std::max_element(y.begin(), y.end()), 50.0);
  EXPECT_EQ(*std::min_element(y.begin(), y.end()), -50.0);
}

TEST(PageHtml, LeavesOutPicturesThatMakeItTooLarge) {
  ReportPage page{.title = "pictures"};
  PagePicture large = made_picture();
  large.jpeg.resize(1'000'000);
  page.samples.assign(6, large);
  const std::string html = html_of(page);
  EXPECT_LT(html.size(), 6'000'000U);
  EXPECT_EQ(HtmlReader(html).named("image").size(), 3U);
  EXPECT_THAT(html, HasSubstr("3 more are left out: the page would be too large."));
}

TEST(HtmlText, EscapesAndReplacesWhatIsNoText) {
  EXPECT_EQ(html_text("a<b>&\"'\n\x01\xff"), "a&lt;b&gt;&amp;&quot;&#39;\n \xEF\xBF\xBD");
  EXPECT_EQ(base64("M"), "TQ==");
  EXPECT_EQ(base64("Ma"), "TWE=");
  EXPECT_EQ(base64("Man\xff"), "TWFu/w==");
  EXPECT_EQ(grouped(1234567), "1,234,567");
  EXPECT_EQ(grouped(-123456), "-123,456");
  EXPECT_EQ(grouped(999), "999");
}

}  // namespace
}  // namespace pinfeed::test
