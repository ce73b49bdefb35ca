// What a finding is known by from run to run, in baselines and in tools that track findings.
//
// It is made of the kind, of the functions of both sides (in no order, since which side is seen first is chance)
// and of the name of the variable if that is global. A side counts with its innermost three functions outside the
// standard library, in their stable form: without parameters, template arguments and the numbers of lambdas.
// Left out on purpose: addresses and lines; what lies further down the stack, so that a helper called from
// several places is one finding, not one for each; whether it was a read or a write, since `++n` against itself is
// seen as either.
#include <algorithm>
#include <array>
#include <cstdio>
#include <string>

#include "detector/report/finding.hpp"
#include "detector/report/names.hpp"
#include "detector/report/words.hpp"

namespace gobench::detector::reporting {
namespace {

constexpr int functions_of_a_side = 3;

// FNV-1a.
class hash {
 public:
  void add(std::string_view text) noexcept {
    for (const char c : text) add_byte(static_cast<unsigned char>(c));
    add_byte(0);
  }
  std::uint64_t value() const noexcept { return value_; }

 private:
  void add_byte(unsigned char byte) noexcept { value_ = (value_ ^ byte) * 1099511628211ull; }
  std::uint64_t value_ = 14695981039346656037ull;
};

std::string side(const stack& frames) {
  std::string text;
  int count = 0;
  for (const bool with_library : {false, true}) {
    for (const frame& one : frames) {
      if (count == functions_of_a_side) return text;
      if (!with_library && in_standard_library(one.function)) continue;
      // Without a name the place in the module has to do: the same until the module is built anew.
      text += one.function.empty()
                  ? one.module.substr(one.module.rfind('/') + 1) + "+" + hex(one.offset)
                  : stable(one.function);
      text += '\n';
      ++count;
    }
    if (count != 0) return text;
  }
  return text;
}

}  // namespace

std::uint64_t fingerprint_of(const finding& what) {
  hash sum;
  sum.add(what.family() == finding_family::race ? kind_name(what.type) : type_name(what.type));
  std::vector<std::string> sides;
  for (const access_told& access : what.accesses) sides.push_back(side(access.frames));
  std::sort(sides.begin(), sides.end());
  for (const std::string& one : sides) sum.add(one);
  if (what.object.kind == location_kind::global) sum.add(stable(what.object.name));
  return sum.value();
}

std::string fingerprint_text(std::uint64_t fingerprint) {
  std::array<char, 24> text;
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(fingerprint));
  return text.data();
}

}  // namespace gobench::detector::reporting
