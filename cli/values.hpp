// From what was typed to values. Each function throws usage_error with a sentence; `setting` says in it
// where the text came from.
#pragma once

#include <cstdint>
#include <regex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "results/record.hpp"

namespace gobench::cli {

// "1,2, 3" -> {"1", "2", "3"}. An empty part is refused by whoever parses it.
std::vector<std::string> split(std::string_view text, char at = ',');

std::int64_t parse_number(std::string_view setting, std::string_view text, std::int64_t least,
                          std::int64_t most);
std::vector<int> parse_counts(std::string_view setting, std::string_view text, int most);

// "0.2s", "20ms", "500us" in seconds; 1us to 1000s.
double parse_seconds(std::string_view setting, std::string_view text);

// "5%" or "0.05"; least and most are shares.
double parse_share(std::string_view setting, std::string_view text, double least, double most);

std::regex parse_regex(std::string_view setting, std::string_view text);

std::vector<results::vehicle> parse_vehicles(std::string_view setting, std::string_view text);

// "hold_ns=0,1000" -> the name and its values as typed.
std::pair<std::string, std::vector<std::string>> parse_parameter(std::string_view setting,
                                                                 std::string_view text);

// A whole number when it is one, else a word.
results::value parse_value(std::string_view text);

}  // namespace gobench::cli
