// The containers and strings of the standard library, used by two threads.
#include <algorithm>
#include <any>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <queue>
#include <set>
#include <sstream>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "tests/corpus/race/threads.hpp"

namespace {

using corpus::locked_in_twin;
using corpus::race_case;

// One side changes the container, the other looks at it or changes it too.
template <class Container, auto Change, auto Look>
struct container_of : locked_in_twin {
  Container shared{};
  long seen = 0;
  void first() {
    const auto held = hold();
    Change(shared);
  }
  void second() {
    const auto held = hold();
    seen = static_cast<long>(Look(shared));
  }
};

#define CORPUS_CONTAINER(name, type, construct, change, look)    \
  constexpr auto change_##name = [](type& c) { change; };        \
  constexpr auto look_##name = [](type& c) { return look; };     \
  struct name : container_of<type, change_##name, look_##name> { \
    void first() { container_of::first(); }                      \
    void second() { container_of::second(); }                    \
  };                                                             \
  CORPUS_CASE(name, construct)

using numbers = std::vector<long>;
using bits = std::vector<bool>;
using by_number = std::map<long, long>;
using hashed = std::unordered_map<long, long>;
using maybe = std::optional<long>;
using either = std::variant<long, double>;
using function = std::function<long()>;
using heap = std::priority_queue<long>;

CORPUS_CONTAINER(vector_push_back, numbers, "std::vector::push_back beside size", c.push_back(1),
                 c.size());
CORPUS_CONTAINER(vector_assign, numbers, "std::vector::assign beside empty", c.assign(5, 1),
                 c.empty());
CORPUS_CONTAINER(vector_resize, numbers, "std::vector::resize beside capacity", c.resize(100),
                 c.capacity());
CORPUS_CONTAINER(deque_push, std::deque<long>, "std::deque::push_back beside size", c.push_back(1),
                 c.size());
CORPUS_CONTAINER(list_push, std::list<long>, "std::list::push_front beside size", c.push_front(1),
                 c.size());
CORPUS_CONTAINER(map_insert, by_number, "std::map::insert beside find", c.emplace(1, 2),
                 c.count(1));
CORPUS_CONTAINER(set_insert, std::set<long>, "std::set::insert beside size", c.insert(1), c.size());
CORPUS_CONTAINER(unordered_map_insert, hashed, "std::unordered_map::emplace beside size",
                 c.emplace(1, 2), c.size());
CORPUS_CONTAINER(optional_emplace, maybe, "std::optional::emplace beside has_value", c.emplace(1),
                 c.has_value());
CORPUS_CONTAINER(variant_assign, either, "std::variant, assigned beside index", c = 2.0, c.index());
CORPUS_CONTAINER(
    function_assign, function, "std::function, assigned beside a look whether it is empty",
    c = [] { return 1L; }, static_cast<bool>(c));
CORPUS_CONTAINER(any_assign, std::any, "std::any, assigned beside has_value", c = 1L,
                 c.has_value());
CORPUS_CONTAINER(queue_push, heap, "std::priority_queue::push beside size", c.push(1), c.size());
CORPUS_CONTAINER(string_assign, std::string,
                 "std::string::operator=, a short text, beside an element", c = "short", c[1]);
CORPUS_CONTAINER(string_append, std::string, "std::string::push_back beside size", c.push_back('x'),
                 c.size());
CORPUS_CONTAINER(string_clear, std::string, "std::string::clear beside empty", c.clear(),
                 c.empty());
CORPUS_CONTAINER(string_long, std::string, "std::string::assign of a long text beside data",
                 c.assign(100, 'x'), *c.data());
#undef CORPUS_CONTAINER

// Different elements of a vector are different objects. Those of vector<bool> are not.
struct vector_element : race_case {
  numbers shared = numbers(10);
  void first() { shared[3] = 1; }
  void second() { shared[twin() ? 4 : 3] = 2; }
};
CORPUS_CASE(vector_element, "one element of a std::vector; two in the twin");

struct vector_bool_bits : race_case {
  bits shared = bits(200);
  void first() { shared[3] = true; }
  void second() { shared[twin() ? 150 : 4] = true; }
};
CORPUS_CASE(vector_bool_bits, "two bits of a std::vector<bool> that share a word");

// Finding by the const functions of a map only reads it.
struct map_looked_up : race_case {
  by_number shared{{1, 1}, {2, 2}};
  long seen = 0;
  long also_seen = 0;
  void first() { seen = shared.find(1)->second; }
  void second() {
    if (twin()) {
      also_seen = shared.find(1)->second;
    } else {
      also_seen = ++shared[1];
    }
  }
};
CORPUS_CASE(map_looked_up, "std::map::find beside operator[]");

struct map_node : race_case {
  by_number shared{{1, 1}, {2, 2}};
  void first() { ++shared.at(1); }
  void second() { ++shared.at(twin() ? 2 : 1); }
};
CORPUS_CASE(map_node, "one value in a std::map; two in the twin");

struct sorted_together : race_case {
  numbers shared{9, 3, 7, 1, 8, 2, 6, 4, 5, 0};
  numbers apart{9, 3, 7, 1};
  void first() { std::sort(shared.begin(), shared.end()); }
  void second() {
    numbers& mine = twin() ? apart : shared;
    std::reverse(mine.begin(), mine.end());
  }
};
CORPUS_CASE(sorted_together, "std::sort and std::reverse of one range");

struct summed_beside_fill : race_case {
  numbers shared = numbers(100, 1);
  long sum = 0;
  void first() { std::fill(shared.begin(), shared.begin() + 51, 2); }
  void second() { sum = std::accumulate(shared.begin() + (twin() ? 51 : 50), shared.end(), 0L); }
};
CORPUS_CASE(summed_beside_fill, "std::fill and std::accumulate of ranges that overlap by one");

struct string_character : race_case {
  std::string shared = "some text that is too long to be stored in the string itself";
  void first() { shared[8] = 'x'; }
  void second() { shared[twin() ? 9 : 8] = 'y'; }
};
CORPUS_CASE(string_character, "one character of a std::string");

struct string_copied : locked_in_twin {
  std::string shared = "some text that is too long to be stored in the string itself";
  std::string copy;
  void first() {
    const auto held = hold();
    shared[8] = 'x';
  }
  void second() {
    const auto held = hold();
    copy = shared;
  }
};
CORPUS_CASE(string_copied, "a std::string is copied beside a write to a character");

struct string_moved : locked_in_twin {
  std::string shared = "some text that is too long to be stored in the string itself";
  std::string taken;
  std::size_t seen = 0;
  void first() {
    const auto held = hold();
    taken = std::move(shared);
  }
  void second() {
    const auto held = hold();
    seen = shared.size();
  }
};
CORPUS_CASE(string_moved, "a std::string is moved from beside size");

struct iterator_kept : locked_in_twin {
  std::list<long> shared{1, 2, 3};
  long seen = 0;
  void first() {
    const auto held = hold();
    shared.push_back(4);
  }
  void second() {
    const auto held = hold();
    for (const long each : shared) seen += each;
  }
};
CORPUS_CASE(iterator_kept, "a loop over a std::list beside push_back");

struct stream_written : locked_in_twin {
  std::ostringstream shared;
  int by_first = 0;
  int by_second = 0;
  // Calls into libraries that are not instrumented are seen to come from whoever called the innermost function that is.
  __attribute__((noinline)) void write(const char* text, int& count) {
    ++count;
    shared << text;
  }
  void first() {
    const auto held = hold();
    write("some text that goes into the stream", by_first);
  }
  void second() {
    const auto held = hold();
    write("another text for the same stream", by_second);
  }
};
CORPUS_CASE(stream_written, "a std::ostringstream, which the standard library was compiled with");

}  // namespace
