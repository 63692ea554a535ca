# The headers for users of the library, relative to the repository. They are installed with the headers
# that they include, and no others. The tests headers.* compile each of them alone, and all together.
set(pinfeed_public_headers
  pinfeed/pinfeed.h
  pinfeed/plugin.h)
