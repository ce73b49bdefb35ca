#include "suites/reactor/protocol.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gobench::suites::reactor {
namespace {

constexpr std::size_t echo_bytes = 64;

exchange serve_echo(std::string_view got, std::span<char> answer) {
  std::ranges::copy(got, answer.begin());
  return {got.size(), got.size()};
}

std::string echo_text(std::uint64_t number) { return fmt::format("{:>{}}", number, echo_bytes); }

exchange serve_http(std::string_view got, std::span<char> answer) {
  const std::size_t end = got.find("\r\n\r\n");
  if (end == std::string_view::npos) return {};
  const std::size_t line_end = got.find("\r\n");
  std::string_view path = got.substr(0, line_end);
  const std::size_t from = path.find(' ');
  const std::size_t to = path.rfind(' ');
  const bool good = path.starts_with("GET /") && path.ends_with(" HTTP/1.1") && from < to;
  path = good ? path.substr(from + 1, to - from - 1) : std::string_view();
  const auto made = fmt::format_to_n(
      answer.data(), answer.size(),
      "HTTP/1.1 {}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\nhello {}",
      good ? "200 OK" : "400 Bad Request", path.size() + 6, path);
  return {end + 4, std::min(made.size, answer.size())};
}

std::string http_request(std::uint64_t number) {
  return fmt::format("GET /{} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: gobench\r\n\r\n", number);
}

std::string http_answer(std::uint64_t number) {
  const std::string body = fmt::format("hello /{}", number);
  return fmt::format("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{}",
                     body.size(), body);
}

}  // namespace

const protocol echo{serve_echo, echo_text, echo_text};
const protocol http{serve_http, http_request, http_answer};

}  // namespace gobench::suites::reactor
