#include "suites/registry.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <variant>

#include "suites/plugin.hpp"

namespace gobench::suites {

namespace {

// A function's static, because suites register themselves before main in no particular order.
std::vector<suite>& known() {
  static std::vector<suite> suites;
  return suites;
}

// Variants whose suite is not known yet.
struct addition {
  std::string suite_name;
  std::vector<variant> variants;
};

std::vector<addition>& waiting() {
  static std::vector<addition> additions;
  return additions;
}

// Whatever the linker makes of the order of files, the variants are in the same one: each comes behind
// the suite's own and behind those of its own peer and of peers whose names sort before.
void add_to(suite& one, const std::vector<variant>& more) {
  suite made = one;
  for (const variant& v : more) {
    const auto before = std::find_if(made.variants.rbegin(), made.variants.rend(),
                                     [&v](const variant& w) { return w.peer <= v.peer; });
    made.variants.insert(before.base(), v);
  }
  check(made);
  one = std::move(made);
}

[[noreturn]] void contradiction(const suite& one, std::string_view what) {
  throw std::logic_error(fmt::format("The suite {} {}.", one.name, what));
}

const parameter* find_parameter(const suite& in, std::string_view name) {
  const auto found = std::ranges::find(in.parameters, name, &parameter::name);
  return found == in.parameters.end() ? nullptr : &*found;
}

// While a shared object is loaded: what its static objects have done. Null otherwise.
struct loading {
  std::size_t registered = 0;
  std::string wrong;  // the first sentence
};
loading*& current() {
  static loading* one = nullptr;
  return one;
}

// What a static object does to register something.
template <class Registering>
void note(Registering registering) {
  loading* const noted = current();
  try {
    registering();
    if (noted != nullptr) ++noted->registered;
  } catch (const std::exception& error) {
    if (noted == nullptr) throw;
    if (noted->wrong.empty()) noted->wrong = error.what();
  }
}

}  // namespace

std::int64_t point::number(std::string_view name) const {
  const results::value* found = parameters.find(name);
  const auto* number = found == nullptr ? nullptr : std::get_if<std::int64_t>(found);
  if (number == nullptr) {
    throw std::logic_error(fmt::format("There is no integer parameter {} at this point.", name));
  }
  return *number;
}

const std::string& point::word(std::string_view name) const {
  const results::value* found = parameters.find(name);
  const auto* word = found == nullptr ? nullptr : std::get_if<std::string>(found);
  if (word == nullptr) {
    throw std::logic_error(fmt::format("There is no word parameter {} at this point.", name));
  }
  return *word;
}

proof proof::that(bool holds, std::string_view otherwise) {
  proof made;
  made.holds_ = holds;
  made.wrong_ = holds ? "" : otherwise;
  return made;
}

proof proof::equal(std::string_view what, std::uint64_t is, std::uint64_t should_be) {
  return that(is == should_be, fmt::format("{} is {} and should be {}", what, is, should_be));
}

namespace {

void make_known(suite made) {
  check(made);
  if (find_suite(made.name) != nullptr) contradiction(made, "is registered twice");
  for (const addition& one : waiting()) {
    if (one.suite_name == made.name) add_to(made, one.variants);
  }
  std::erase_if(waiting(), [&made](const addition& one) { return one.suite_name == made.name; });
  auto& suites = known();
  const auto place = std::ranges::upper_bound(suites, made.name, {}, &suite::name);
  suites.insert(place, std::move(made));
}

void make_known(const std::string& suite_name, std::vector<variant> variants) {
  const auto found = std::ranges::find(known(), suite_name, &suite::name);
  if (found != known().end()) {
    add_to(*found, variants);
  } else {
    waiting().push_back({suite_name, std::move(variants)});
  }
}

}  // namespace

registration::registration(suite made) {
  note([&] { make_known(std::move(made)); });
}

more_variants::more_variants(const std::string& suite_name, std::vector<variant> variants) {
  note([&] { make_known(suite_name, std::move(variants)); });
}

std::size_t registered_by(const std::function<void()>& load) {
  loading noted;
  current() = &noted;
  try {
    load();
  } catch (...) {
    current() = nullptr;
    throw;
  }
  current() = nullptr;
  if (!noted.wrong.empty()) throw std::logic_error(noted.wrong);
  return noted.registered;
}

std::vector<std::string> suites_never_registered() {
  std::vector<std::string> names;
  for (const addition& one : waiting()) names.push_back(one.suite_name);
  return names;
}

std::span<const suite> all_suites() { return known(); }

const suite* find_suite(std::string_view name) {
  const auto found = std::ranges::find(known(), name, &suite::name);
  return found == known().end() ? nullptr : &*found;
}

bool allows(const parameter& one, const results::value& v) {
  if (!one.words.empty()) {
    const auto* word = std::get_if<std::string>(&v);
    return word != nullptr && std::ranges::find(one.words, *word) != one.words.end();
  }
  const auto* number = std::get_if<std::int64_t>(&v);
  return number != nullptr && *number >= one.least && *number <= one.most;
}

std::string allowed_values(const parameter& one) {
  if (one.words.size() == 1) return one.words.front();
  if (!one.words.empty()) {
    const auto last = one.words.end() - 1;
    return fmt::format("{} or {}", fmt::join(one.words.begin(), last, ", "), *last);
  }
  if (one.most == std::numeric_limits<std::int64_t>::max()) {
    return fmt::format("whole numbers from {}", one.least);
  }
  return fmt::format("whole numbers from {} to {}", one.least, one.most);
}

void check(const suite& one) {
  if (one.name.empty() || one.about.empty()) contradiction(one, "has no name or no description");
  if (one.variants.empty()) contradiction(one, "has no variants");
  if (one.tasks.empty() || one.quick_tasks.empty()) contradiction(one, "has no number of tasks");
  for (const parameter& p : one.parameters) {
    if (p.usual.empty() || p.quick.empty()) {
      contradiction(one, fmt::format("has no usual or no quick value for {}", p.name));
    }
    for (const auto* values : {&p.usual, &p.quick}) {
      for (const results::value& v : *values) {
        if (!allows(p, v)) {
          contradiction(one, fmt::format("uses a value of {} that it does not allow", p.name));
        }
      }
    }
  }
  for (const std::string& metric : one.shown) {
    if (std::ranges::find(one.metrics, metric) == one.metrics.end()) {
      contradiction(one, fmt::format("shows {}, which is none of its metrics", metric));
    }
  }
  for (std::size_t i = 0; i < one.variants.size(); ++i) {
    const variant& v = one.variants[i];
    if (!v.run || v.vehicles.empty()) {
      contradiction(one, fmt::format("cannot run {} {}", v.case_name, v.impl));
    }
    if (!v.peer.empty() && !v.impl.starts_with(v.peer + ".")) {
      contradiction(one, fmt::format("has {} {} done by {}", v.case_name, v.impl, v.peer));
    }
    for (const std::string& name : v.parameters) {
      if (find_parameter(one, name) == nullptr) {
        contradiction(one, fmt::format("has not declared the parameter {} that {} {} wants", name,
                                       v.case_name, v.impl));
      }
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (one.variants[j].case_name == v.case_name && one.variants[j].impl == v.impl) {
        contradiction(one, fmt::format("has {} {} twice", v.case_name, v.impl));
      }
    }
  }
}

}  // namespace gobench::suites
