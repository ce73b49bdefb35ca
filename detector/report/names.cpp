#include "detector/report/names.hpp"

#include <cxxabi.h>

#include <array>
#include <cstdlib>
#include <utility>

namespace gobench::detector::reporting {
namespace {

constexpr std::string_view anonymous = "(anonymous namespace)";

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
    text.replace(at, what.size(), by);
}

// Drops `open` ... `close` wherever it stands, such as "[abi:cxx11]".
void drop_bracketed(std::string& text, std::string_view open, char close) {
  for (std::size_t at = 0; (at = text.find(open, at)) != std::string::npos;) {
    const std::size_t end = text.find(close, at);
    if (end == std::string::npos) return;
    text.erase(at, end + 1 - at);
  }
}

bool starts_at(std::string_view text, std::size_t at, std::string_view what) {
  return text.substr(at, what.size()) == what;
}

bool is_word(char c) {
  return c == '_' || c == '$' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
         (c >= 'A' && c <= 'Z');
}

// Past the bracket that closes the one at `at`; the end of the text if there is none.
std::size_t past_bracket(std::string_view text, std::size_t at) {
  int depth = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '<' || c == '(' || c == '[' || c == '{') ++depth;
    if ((c == '>' && (at == 0 || text[at - 1] != '-')) || c == ')' || c == ']' || c == '}') --depth;
    if (depth == 0) return at + 1;
  }
  return text.size();
}

// Is "operator" at `at` the keyword? Then gives the end of the operator's name, else `at`.
std::size_t past_operator(std::string_view text, std::size_t at) {
  constexpr std::string_view keyword = "operator";
  if (!starts_at(text, at, keyword) || (at > 0 && is_word(text[at - 1]))) return at;
  std::size_t end = at + keyword.size();
  if (end < text.size() && is_word(text[end])) return at;
  if (starts_at(text, end, "()") || starts_at(text, end, "[]")) return end + 2;
  if (end < text.size() && text[end] == ' ') {
    // A conversion, new or delete: up to the parameters.
    while (end < text.size() && text[end] != '(')
      end = text[end] == '<' ? past_bracket(text, end) : end + 1;
    return end;
  }
  while (end < text.size() &&
         std::string_view("+-*/%^&|~!=<>,").find(text[end]) != std::string_view::npos) {
    // "operator< <int>": the name ends before the space, so nothing of the arguments is taken.
    ++end;
  }
  return end;
}

// ", std::allocator<X>" and the like as a last argument: what the template would have anyway.
void drop_default_arguments(std::string& text) {
  constexpr std::array<std::string_view, 6> defaults{
      ", std::allocator<", ", std::char_traits<", ", std::default_delete<",
      ", std::less<",      ", std::equal_to<",    ", std::hash<"};
  for (const std::string_view one : defaults) {
    for (std::size_t at = 0; (at = text.find(one, at)) != std::string::npos;) {
      const std::size_t end = past_bracket(text, at + one.size() - 1);
      const std::size_t next = text.find_first_not_of(' ', end);
      // Only where it ends the list or stands before another default: elsewhere it was written by somebody.
      if (next != std::string::npos && (text[next] == '>' || text[next] == ',')) {
        text.erase(at, end - at);
      } else {
        at = end;
      }
    }
  }
}

// Clang calls a lambda "$_0", where gcc says "{lambda()#1}".
void name_lambdas(std::string& text) {
  for (std::size_t at = 0; (at = text.find("$_", at)) != std::string::npos;) {
    std::size_t end = at + 2;
    while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
    const unsigned long number = std::strtoul(text.c_str() + at + 2, nullptr, 10);
    const std::string name = "{lambda#" + std::to_string(number + 1) + "}";
    text.replace(at, end - at, name);
    at += name.size();
  }
}

// Gcc's debug information writes "main()::<lambda(int)>" within template arguments.
void name_lambdas_in_arguments(std::string& text) {
  for (std::size_t at = 0; (at = text.find("<lambda(", at)) != std::string::npos; ++at) {
    const std::size_t end = past_bracket(text, at);
    if (end > text.size() || text[end - 1] != '>') return;
    text[at] = '{';
    text[end - 1] = '}';
  }
}

// Where the name begins after the return type. Nothing is cut from a name without parameters: a variable's.
std::size_t past_return_type(std::string_view text) {
  std::size_t begin = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (past_operator(text, at) != at) return begin;
    if (starts_at(text, at, anonymous)) {
      at += anonymous.size();
      continue;
    }
    const char c = text[at];
    if (c == '(') {
      const bool type = at >= 8 && (starts_at(text, at - 8, "decltype") ||
                                    (at >= 9 && starts_at(text, at - 9, "decltype ")));
      if (!type) return begin;
      at = past_bracket(text, at);
    } else if (c == '<' || c == '{' || c == '[') {
      at = past_bracket(text, at);
    } else {
      ++at;
      if (c == ' ' && !(begin < at && starts_at(text, at, "("))) begin = at;
    }
  }
  return 0;
}

}  // namespace

std::string demangled(const std::string& symbol) {
  if (symbol.size() < 2 || symbol[0] != '_' || symbol[1] != 'Z') return symbol;
  int status = 0;
  char* text = abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status);
  std::string name = status == 0 && text != nullptr ? text : symbol.c_str();
  std::free(text);
  return name;
}

std::string tidy(std::string_view demangled_name) {
  std::string text(demangled_name);
  name_lambdas_in_arguments(text);
  drop_bracketed(text, " [clone ", ']');
  drop_bracketed(text, "[abi:", ']');
  for (const std::string_view space : {"std::__cxx11::", "std::__1::", "std::__2::", "std::_V2::"})
    replace_all(text, space, "std::");
  drop_default_arguments(text);
  replace_all(text, " >", ">");
  constexpr std::array<std::pair<std::string_view, std::string_view>, 10> aliases{{
      {"std::basic_string<char>", "std::string"},
      {"std::basic_string_view<char>", "std::string_view"},
      {"std::basic_ostream<char>", "std::ostream"},
      {"std::basic_istream<char>", "std::istream"},
      {"std::basic_iostream<char>", "std::iostream"},
      {"std::basic_ostringstream<char>", "std::ostringstream"},
      {"std::basic_stringstream<char>", "std::stringstream"},
      {"std::basic_stringbuf<char>", "std::stringbuf"},
      {"std::basic_ofstream<char>", "std::ofstream"},
      {"std::basic_ifstream<char>", "std::ifstream"},
  }};
  for (const auto& [full, name] : aliases) replace_all(text, full, name);
  name_lambdas(text);
  return text.substr(past_return_type(text));
}

std::string readable(const std::string& symbol) { return tidy(demangled(symbol)); }

std::string stable(std::string_view text) {
  std::string name;
  for (std::size_t at = 0; at < text.size();) {
    if (const std::size_t end = past_operator(text, at); end != at) {
      name += text.substr(at, end - at);
      at = end;
      continue;
    }
    if (starts_at(text, at, anonymous)) {
      name += anonymous;
      at += anonymous.size();
      continue;
    }
    const char c = text[at];
    if (starts_at(text, at, "{lambda")) {
      name += "{lambda}";
      at = past_bracket(text, at);
    } else if (c == '<' || c == '(' || c == '[') {
      at = past_bracket(text, at);
    } else if (c == ' ') {
      // Qualifiers after the parameters: " const", " const &".
      ++at;
      while (at < text.size() && text[at] != ':' && text[at] != ' ') ++at;
    } else {
      name += c;
      ++at;
    }
  }
  return name;
}

std::string shortened(const std::string& readable_name, std::size_t width) {
  std::string text = readable_name;
  while (text.size() > width) {
    // The longest of the innermost argument lists that still say something.
    std::size_t best = std::string::npos;
    std::size_t best_length = 5;
    for (std::size_t at = text.find('<'); at != std::string::npos; at = text.find('<', at + 1)) {
      if (starts_at(text, at, "<...>")) continue;
      const std::size_t end = past_bracket(text, at);
      std::string inside = text.substr(at + 1, end - at - 1);
      replace_all(inside, "<...>", "");
      if (inside.find('<') == std::string::npos && end - at > best_length) {
        best = at;
        best_length = end - at;
      }
    }
    if (best == std::string::npos) break;
    text.replace(best, best_length, "<...>");
  }
  if (text.size() > width && width > 3) text.replace(width - 3, std::string::npos, "...");
  return text;
}

bool in_standard_library(std::string_view name) {
  // The last stands between the standard library and the C library.
  return name.substr(0, 5) == "std::" || name.substr(0, 11) == "__gnu_cxx::" ||
         name.substr(0, 10) == "__gthread_";
}

bool in_our_library(std::string_view name) { return name.substr(0, 16) == "gobench::check::"; }

}  // namespace gobench::detector::reporting
