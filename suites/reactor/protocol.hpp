// What client and servers say to each other.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace gobench::suites::reactor {

// Requests and answers are smaller than that, all servers' buffers as large.
inline constexpr std::size_t buffer_bytes = 512;

struct exchange {
  std::size_t consumed = 0;  // 0: the request is not complete yet
  std::size_t answered = 0;  // bytes of the answer
};

struct protocol {
  // What a server makes of the bytes it has; all servers call it.
  exchange (*serve)(std::string_view got, std::span<char> answer);
  // What the client sends as its request of this number, and what has to come back.
  std::string (*request)(std::uint64_t number);
  std::string (*expected)(std::uint64_t number);
};

// 64 bytes there and back.
extern const protocol echo;
// A minimal HTTP/1.1: GET with a path, answered by 200 and a body that repeats the path; the connection stays.
extern const protocol http;

// A connection from its first byte to its end, for servers that wait inside read and write: read(span) returns 0
// at the end, write(string_view) takes everything.
template <class Read, class Write>
void converse(const protocol& speaks, Read read, Write write) {
  std::array<char, buffer_bytes> buffer;
  std::array<char, buffer_bytes> answer;
  std::size_t have = 0;
  while (const std::size_t got = read(std::span(buffer).subspan(have))) {
    have += got;
    const exchange made = speaks.serve({buffer.data(), have}, answer);
    if (made.consumed == 0) continue;
    have = 0;  // a client sends the next request when it has the answer
    write(std::string_view(answer.data(), made.answered));
  }
}

}  // namespace gobench::suites::reactor
