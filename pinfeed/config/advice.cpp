// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/config/advice.h"

#include <array>
#include <string>

namespace pinfeed {
namespace {

struct Advice {
  std::string_view wrong;  // a part of the error's text, where nothing is quoted
  std::string_view right;
};

// The first that fits counts.
constexpr auto advices = std::to_array<Advice>({
    {"does not fit 64 bits", "write it as a float (1e30) or as a str"},
    {" on strings", "use an f-string or str.format()"},
    {"conversions and formats in f-strings", "write the text as it comes out"},
    {"in formats", "fields are '{}', '{0}' and '{name}'"},
    {"a format has either", "number all fields or none"},
    {"the field", "give a value for each field, by its place or by its name"},
    {"of the format", "'{{' and '}}' stand for braces"},
    {"read sets", "write a list"},
    {"bytes literals", "write a str"},
    {"complex number", "numbers are int or float"},
    {" escapes", "write the character itself, or \\u and its 4 hexadecimal digits"},
    {"starred targets", "name each value"},
    {"assign to slices", "assign to one item after the other"},
    {"decorators", "a config only gives values to names"},
    {"in a comprehension", "write the items that are wanted as a list"},
    {"does not read", "write the value that it comes to; docs/config.md says what is read"},
    {"in the braces of an f-string", "give the value a name in a line before"},
    {"a relative import stands", "indent it below 'with read_base():'"},
    {"reads no ", "'with read_base():' reads bases; everything else is NAME = VALUE"},
    {"needs indented imports", "put 'from .base import *' below it, indented"},
    {" holds ", "move other statements below it, to the margin"},
    {"does not close", "close the bracket that was opened last first"},
    {"the string is never closed", "end it with its quote; a str of several lines takes three"},
    {"is never closed", "close it, or take it away"},
    {"closes nothing", "take it away, or open the bracket before"},
    {"unexpected indent", "begin the line where the statement before begins"},
    {"division by zero", "divide by another number"},
    {"does not work on", "convert one of them: str(), int(), float()"},
    {"is out of range", "the first index is 0, the last -1"},
    {"is given twice", "keep one of them"},
    {"cannot be assigned to", "what can is a name, an attribute or a subscript: a, a.b, a['b']"},
    {"is not a number", "numbers are written 12, 1_000, 0x1F, 1.5 or 1e-3"},
    {"is not part of Python", "write an ordinary quote, blank or letter in its place"},
    {"unexpected", "a statement is NAME = VALUE on a line of its own"},
    {"has no len()", "str, list, tuple, dict and range have a length"},
    {"arguments, not", "give as many as it takes"},
    {"int() does not take", "int() takes numbers and strs of digits"},
    {"does not take", "it takes int and float"},
    {"names for", "write as many names as there are values"},
    {"cannot change", "write a new value, or make it a list or dict"},
    {"is no value of a config", "values are None, bool, int, float, str, list, tuple and dict"},
    {"nested deeper than", "name the inner parts and put them together"},
    {"the bases have no", "`pinfeed config BASE` shows what a base has"},
    {"hexadecimal digits", "\\x takes 2 digits, \\u 4, \\U 8"},
    {"is not a character", "characters are U+0000 to U+10FFFF without U+D800 to U+DFFF"},
    {"has no attribute",
     "known are append, extend, insert, pop and copy of a list, get, pop, update and copy of a "
     "dict, format of a str"},
    {"cannot be called", "docs/config.md says which functions are read"},
    {"the values of the config need", "values are settings: large data belongs into files"},
    {"more than 2000000 values", "values are settings: large data belongs into files"},
    {"is too large", "floats go to 1.8e308"},
    {"a starred expression", "[*a] makes a list, (*a,) a tuple"},
    {"no items to go over", "str, list, tuple, dict and range have items"},
    {"negative shift count", "shift by 0 or more"},
    {"the step of", "1 goes forwards, -1 backwards"},
});

// What is in quotes may be the config's.
std::string without_quotes(std::string_view text) {
  std::string bare;
  bool quoted = false;
  for (const char c : text) {
    if (c == '\'') quoted = !quoted;
    if (!quoted && c != '\'') bare += c;
  }
  return bare;
}

}  // namespace

std::string_view advice_for(std::string_view text) {
  const std::string bare = without_quotes(text);
  for (const Advice& advice : advices) {
    if (bare.find(advice.wrong) != std::string::npos) return advice.right;
  }
  return {};
}

}  // namespace pinfeed
