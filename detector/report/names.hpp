// Names of functions and variables: from the linker's form to what a person would write.
#pragma once

#include <string>
#include <string_view>

namespace gobench::detector::reporting {

// The demangled name in full, or the symbol itself if it is not one of C++.
std::string demangled(const std::string& symbol);

// Drops what says nothing: return types, clones, inline namespaces of the standard library, its default
// template arguments. "std::vector<int>::push_back(int const&)".
std::string tidy(std::string_view demangled_name);

// tidy(demangled(symbol))
std::string readable(const std::string& symbol);

// What stays the same between builds: without parameters, template arguments and the numbers of lambdas.
// "ns::f", "main::{lambda}::operator()". Takes a readable name.
std::string stable(std::string_view readable_name);

// At most `width` characters, innermost template arguments first given up ("map<...>"), then the end.
std::string shortened(const std::string& readable_name, std::size_t width);

// Is it an implementation detail of the standard library (names in std:: and __gnu_cxx::)?
bool in_standard_library(std::string_view readable_name);
// Of gobench, as it is linked into checked programs?
bool in_our_library(std::string_view name);

}  // namespace gobench::detector::reporting
