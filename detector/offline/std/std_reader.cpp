#include "detector/offline/std/std_reader.hpp"

#include <fmt/format.h>

#include <utility>

#include "detector/offline/std/line_split.hpp"

namespace gobench::detector::offline {

namespace {

constexpr std::size_t batch_size = 512;
constexpr std::size_t shown = 40;  // bytes of a wrong line that a message repeats

// A location travels in an event as its place in the buffer and its length, which is below 2^20.
constexpr unsigned length_bits = 20;
static_assert(line_reader::longest_line < (1U << length_bits));

constexpr bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

const char* skip_blanks(const char* at, const char* end) {
  while (at < end && is_blank(*at)) ++at;
  return at;
}

std::string_view trimmed(const char* begin, const char* end) {
  begin = skip_blanks(begin, end);
  while (end > begin && is_blank(end[-1])) --end;
  return {begin, static_cast<std::size_t>(end - begin)};
}

std::string quoted(std::string_view text) {
  if (text.empty()) return "nothing";
  std::string made = "\"";
  for (const char c : text.substr(0, shown)) {
    const bool printable = static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
    made += printable ? c : '?';
  }
  return made + (text.size() > shown ? "...\"" : "\"");
}

}  // namespace

std_reader::std_reader(std::unique_ptr<byte_input> input)
    : lines_(std::move(input)), rules_(*this), batch_(batch_size) {}

void std_reader::refuse(std::string_view sentence) const {
  throw trace_error(fmt::format("{}:{}: {}.", lines_.name(), lines_.number(), sentence));
}

std_reader::operation std_reader::operation_of(std::string_view word) {
  if (word == "r") return operation::read;
  if (word == "w") return operation::write;
  if (word == "acq") return operation::acquire;
  if (word == "rel") return operation::release;
  if (word == "fork") return operation::fork;
  if (word == "join") return operation::join;
  // Marks of transactions, branches and requests, which say nothing about order.
  for (const std::string_view one : {"begin", "end", "branch", "req", "dummy"}) {
    if (word == one) return operation::ignored;
  }
  return operation::unknown;
}

// From behind the opening parenthesis to the closing one that a bar follows; `at` goes behind that bar.
std::string_view std_reader::target_of(const char*& at, const char* end) const {
  const char* const begin = at;
  const char* close = find_byte(begin, end, ')');
  while (close < end) {
    const char* const bar = skip_blanks(close + 1, end);
    if (bar < end && *bar == '|') {
      at = bar + 1;
      return {begin, static_cast<std::size_t>(close - begin)};
    }
    close = find_byte(close + 1, end, ')');
  }
  refuse(fmt::format("expected a name, \")\", \"|\" and a location, found {}",
                     quoted(trimmed(begin, end))));
}

bool std_reader::check(operation what, event& made, std::string_view target) {
  const auto nested = [this](lock_step step) {
    if (step == lock_step::refused) refuse(rules_.why());
    return step == lock_step::nested;
  };
  switch (what) {
    case operation::read:
      made.kind = event_kind::read;
      made.target = variables_.number_of(target);
      return true;
    case operation::write:
      made.kind = event_kind::write;
      made.target = variables_.number_of(target);
      return true;
    case operation::acquire: {
      made.kind = event_kind::acquire;
      const std::uint32_t lock = locks_.number_of(target);
      made.target = lock;
      return !nested(rules_.acquires(made.task, lock, made.position));
    }
    case operation::release: {
      made.kind = event_kind::release;
      const std::uint32_t lock = locks_.number_of(target);
      made.target = lock;
      return !nested(rules_.releases(made.task, lock));
    }
    case operation::fork: {
      made.kind = event_kind::fork;
      const std::uint32_t child = threads_.number_of(target);
      made.target = child;
      if (!rules_.forks(made.task, child, made.position)) refuse(rules_.why());
      return true;
    }
    case operation::join: {
      made.kind = event_kind::join;
      const std::uint32_t child = threads_.number_of(target);
      made.target = child;
      if (!rules_.joins(made.task, child, made.position)) refuse(rules_.why());
      return true;
    }
    case operation::ignored:
    case operation::unknown:
      break;
  }
  return false;
}

bool std_reader::parse(line_reader::line text, event& made) {
  const char* const end = text.end;
  if (static_cast<std::size_t>(end - text.begin) > line_reader::longest_line)
    lines_.refuse_length();
  const char* const bar = find_byte(text.begin, end, '|');
  if (bar == end) {
    const std::string_view all = trimmed(text.begin, end);
    if (all.empty()) return false;
    refuse(fmt::format("expected a line such as T1|w(x)|12, found {}", quoted(all)));
  }
  std::string_view thread{text.begin, static_cast<std::size_t>(bar - text.begin)};
  if (thread.empty() || is_blank(thread.front()) || is_blank(thread.back())) {
    thread = trimmed(text.begin, bar);
    if (thread.empty())
      refuse("expected the name of a thread before the first \"|\", found nothing");
  }

  const char* const word = skip_blanks(bar + 1, end);
  const char* at = word;
  while (at < end && *at >= 'a' && *at <= 'z') ++at;
  const std::string_view letters{word, static_cast<std::size_t>(at - word)};
  const operation what = operation_of(letters);
  if (what == operation::ignored) {
    ++events_;
    return false;
  }
  if (what == operation::unknown) {
    refuse(fmt::format(
        "expected an operation (r, w, acq, rel, fork, join, begin or end) after the first \"|\", "
        "found {}",
        quoted(trimmed(word, end))));
  }
  at = skip_blanks(at, end);
  if (at == end || *at != '(') {
    refuse(fmt::format("expected \"(\" and a name after {}, found {}", letters,
                       quoted(trimmed(at, end))));
  }
  ++at;
  std::string_view target = target_of(at, end);
  if (target.empty() || is_blank(target.front()) || is_blank(target.back())) {
    target = trimmed(target.data(), target.data() + target.size());
    if (target.empty()) refuse("expected a name between \"(\" and \")\", found nothing");
  }

  ++events_;
  made.position = lines_.number();
  made.size = 0;
  made.extra = (static_cast<std::uint64_t>(at - lines_.buffer()) << length_bits) |
               static_cast<std::uint64_t>(end - at);
  made.task = threads_.number_of(thread);
  if (!rules_.acts(made.task, made.position)) refuse(rules_.why());
  return check(what, made, target);
}

std_reader::outcome std_reader::parse_usual(event& made) {
  const char* const begin = lines_.peek();
  line_split split{};
  if (!split_usual_line(begin, lines_.limit(), line_reader::longest_line, split))
    return outcome::unusual;
  // Reads and writes come in no order that a processor could guess, so they are told apart without a branch.
  const char* target = split.thread_end + 3;
  const bool reads = target[-2] == 'r';
  const bool accesses = target[-1] == '(' && (reads || target[-2] == 'w');
  operation what = operation::unknown;
  if (!accesses) {
    target += 2;
    const std::uint32_t word = load_four(split.thread_end + 1);
    if (word == four("acq(")) what = operation::acquire;
    if (word == four("rel(")) what = operation::release;
  }
  // Both names have a first and a last byte, and those are no blanks or other white space.
  if ((!accesses && what == operation::unknown) || begin >= split.thread_end ||
      target >= split.close || static_cast<signed char>(*begin) <= ' ' ||
      static_cast<signed char>(*target) <= ' ' || split.thread_end[-1] == ' ' ||
      split.thread_end[-1] == '\t' || split.close[-1] == ' ' || split.close[-1] == '\t') {
    return outcome::unusual;
  }
  lines_.take_until(split.line_end);
  ++events_;
  made.position = lines_.number();
  made.size = 0;
  made.extra = (static_cast<std::uint64_t>(split.close + 2 - lines_.buffer()) << length_bits) |
               static_cast<std::uint64_t>(split.line_end - (split.close + 2));
  made.task = threads_.number_of({begin, static_cast<std::size_t>(split.thread_end - begin)});
  if (!rules_.acts(made.task, made.position)) refuse(rules_.why());
  const std::string_view name{target, static_cast<std::size_t>(split.close - target)};
  if (accesses) {
    static_assert(static_cast<int>(event_kind::read) == 0 &&
                  static_cast<int>(event_kind::write) == 1);
    made.kind = static_cast<event_kind>(!reads);
    made.target = variables_.number_of(name);
    return outcome::told;
  }
  return check(what, made, name) ? outcome::told : outcome::silent;
}

std::span<const event> std_reader::next() {
  std::size_t count = 0;
  line_reader::line text{};
  while (true) {
    while (count < batch_.size() && lines_.peek() != nullptr) {
      switch (parse_usual(batch_[count])) {
        case outcome::told:
          ++count;
          break;
        case outcome::silent:
          break;
        case outcome::unusual:
          lines_.take(text);
          if (parse(text, batch_[count])) ++count;
          break;
      }
    }
    if (count > 0) return {batch_.data(), count};
    if (!lines_.refill()) break;
  }
  if (events_ == 0) {
    throw trace_error(lines_.name() + " has no event; a trace has lines such as T1|w(x)|12.");
  }
  return {};
}

std::uint32_t std_reader::keep_location(std::uint64_t location) {
  const char* const begin = lines_.buffer() + (location >> length_bits);
  return locations_.keep({begin, static_cast<std::size_t>(location & ((1U << length_bits) - 1))});
}

std::string std_reader::location_text(std::uint32_t kept) const { return locations_.text(kept); }

std::string std_reader::variable_name(std::uint64_t target, std::uint64_t /*size*/) const {
  return variables_.text(static_cast<std::uint32_t>(target));
}

}  // namespace gobench::detector::offline
