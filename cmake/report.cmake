# page.css and page.js of pinfeed/report/ as strings in a source file.
pinfeed_text_literal(pinfeed/report/page.css page_style)
pinfeed_text_literal(pinfeed/report/page.js page_script)
set(page_assets ${PROJECT_BINARY_DIR}/page_assets.cpp)
file(CONFIGURE OUTPUT ${page_assets} @ONLY CONTENT
"#include \"pinfeed/report/page_assets.h\"
namespace pinfeed {
const std::string_view page_style = @page_style@;
const std::string_view page_script = @page_script@;
}  // namespace pinfeed
")
file(GLOB report_sources CONFIGURE_DEPENDS pinfeed/report/*.cpp)
list(APPEND report_sources ${page_assets})
