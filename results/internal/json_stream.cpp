#include "results/internal/json_stream.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

#include "results/internal/reader.hpp"

namespace gobench::results::internal {

namespace {

constexpr std::size_t deepest = 16;

// The characters of a source for nlohmann's parser; sees to it that no piece is too long.
class characters {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = char;

  struct state {
    text_source* from;
    std::size_t in_piece = 0;
    int next = -1;
  };

  characters() = default;
  explicit characters(state& of) : of_(&of) { advance(); }

  char operator*() const { return static_cast<char>(of_->next); }
  characters& operator++() {
    advance();
    return *this;
  }
  friend bool operator==(const characters& a, const characters& b) { return a.end() == b.end(); }
  friend bool operator!=(const characters& a, const characters& b) { return !(a == b); }

 private:
  bool end() const { return of_ == nullptr || of_->next < 0; }
  void advance() {
    of_->next = of_->from->next_character();
    if (++of_->in_piece > longest_piece) {
      of_->from->fail(
          "A piece of the JSON is longer than 1 MiB, which no result is; give a result file.");
    }
  }

  state* of_ = nullptr;
};

// Builds one member or item at a time from the parser's events.
class builder {
 public:
  using number_integer_t = json::number_integer_t;
  using number_unsigned_t = json::number_unsigned_t;
  using number_float_t = json::number_float_t;
  using string_t = json::string_t;
  using binary_t = json::binary_t;

  builder(characters::state& at, const json_stream& to) : at_(at), to_(to) {}

  bool null() { return put(json()); }
  bool boolean(bool v) { return put(json(v)); }
  bool number_integer(number_integer_t v) { return put(json(v)); }
  bool number_unsigned(number_unsigned_t v) { return put(json(v)); }
  bool number_float(number_float_t v, const string_t&) { return put(json(v)); }
  bool string(string_t& v) { return put(json(std::move(v))); }
  bool binary(binary_t&) { return put(json()); }

  bool start_object(std::size_t) { return open(json::object()); }
  bool start_array(std::size_t) {
    if (depth_ == 1 && member_ == to_.list) {
      in_list_ = true;
      ++depth_;
      return true;
    }
    return open(json::array());
  }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool key(string_t& name) {
    if (depth_ == 1) {
      member_ = std::move(name);
    } else {
      keys_.back() = std::move(name);
    }
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error) {
    if (at_.next < 0) {
      at_.from->fail(
          "The JSON ends in the middle: the file was cut off; write it again, or give the CSV of "
          "the "
          "run.");
    }
    const std::string what = error.what();
    const std::size_t colon = what.find(": ");
    at_.from->fail(fmt::format("This is no JSON ({}); correct the file or write it again.",
                               shown(colon == std::string::npos ? what : what.substr(colon + 2))));
  }

 private:
  // How deep values that are handed over lie.
  std::size_t base() const { return in_list_ ? 2 : 1; }

  bool open(json&& container) {
    if (depth_ > deepest) {
      at_.from->fail("The JSON is nested deeper than any result; give a result file.");
    }
    if (depth_++ == 0) {
      if (!container.is_object()) {
        at_.from->fail("The JSON is not an object; give a result file.");
      }
      return true;
    }
    open_.push_back(std::move(container));
    keys_.emplace_back();
    return true;
  }

  bool close() {
    --depth_;
    if (depth_ == 0) return true;
    if (open_.empty()) {
      in_list_ = false;
      at_.in_piece = 0;
      return true;
    }
    json done = std::move(open_.back());
    open_.pop_back();
    keys_.pop_back();
    return put(std::move(done));
  }

  bool put(json&& done) {
    if (depth_ == 0) at_.from->fail("The JSON is not an object; give a result file.");
    if (depth_ > base()) {
      json& into = open_.back();
      if (into.is_array()) {
        into.push_back(std::move(done));
      } else {
        into[keys_.back()] = std::move(done);
      }
      return true;
    }
    at_.in_piece = 0;
    if (in_list_) {
      if (!done.is_object()) at_.from->fail("A sample must be an object; write the file again.");
      to_.item(std::move(done));
    } else {
      to_.other(member_, std::move(done));
    }
    return true;
  }

  characters::state& at_;
  const json_stream& to_;
  std::size_t depth_ = 0;
  bool in_list_ = false;
  std::string member_;
  std::vector<json> open_;         // the containers around what comes next
  std::vector<std::string> keys_;  // of each, the name of what comes next
};

}  // namespace

void read_json_stream(text_source& from, const json_stream& to) {
  characters::state at{&from};
  builder building(at, to);
  json::sax_parse(characters(at), characters(), &building);
}

bool has_member(std::string_view head, std::string_view name) {
  std::size_t depth = 0;
  std::size_t text_from = 0;
  bool in_text = false;
  for (std::size_t i = 0; i < head.size(); ++i) {
    const char c = head[i];
    if (in_text) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_text = false;
        const std::size_t next = head.find_first_not_of(" \t\r\n", i + 1);
        if (depth == 1 && head.substr(text_from, i - text_from) == name &&
            next != std::string_view::npos && head[next] == ':') {
          return true;
        }
      }
      continue;
    }
    if (c == '"') {
      in_text = true;
      text_from = i + 1;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth > 0) --depth;
    } else if (depth == 0 && c != ' ' && c != '\t' && c != '\r' && c != '\n') {
      return false;
    }
  }
  return false;
}

}  // namespace gobench::results::internal
