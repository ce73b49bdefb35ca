#include "primitives/net/address.hpp"

#include <arpa/inet.h>
#include <netdb.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <iterator>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "runtime/blocking.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::net {
namespace {

struct parts {
  std::string host;
  std::string port;
  bool brackets = false;
};

[[noreturn]] void refuse(std::string_view text, const char* why) {
  throw std::invalid_argument("'" + std::string(text) + "' is no address: " + why);
}

parts split(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) refuse(text, "it has no port (write host:port)");
  parts found;
  std::string_view host = text.substr(0, colon);
  found.port = text.substr(colon + 1);
  if (found.port.empty()) refuse(text, "it has no port (write host:port)");
  if (!host.empty() && host.front() == '[') {
    if (host.back() != ']') refuse(text, "the bracket is not closed");
    host = host.substr(1, host.size() - 2);
    found.brackets = true;
  } else if (host.find(':') != std::string_view::npos) {
    refuse(text, "an IPv6 address is written in brackets ([::1]:80)");
  }
  // An embedded zero would silently end it for the system.
  if (text.find('\0') != std::string_view::npos) refuse(text, "there is a zero byte in it");
  found.host = host;
  return found;
}

class resolver_category : public std::error_category {
 public:
  const char* name() const noexcept override { return "getaddrinfo"; }
  std::string message(int code) const override { return ::gai_strerror(code); }
};

const std::error_category& resolving() noexcept {
  static const resolver_category one;
  return one;
}

}  // namespace

address::address(std::string_view text) {
  const parts found = split(text);
  std::uint16_t number = 0;
  const char* end = found.port.data() + found.port.size();
  const auto parsed = std::from_chars(found.port.data(), end, number);
  if (parsed.ec != std::errc{} || parsed.ptr != end)
    refuse(text, "the port is not a number from 0 to 65535");
  if (found.brackets) {
    storage_.v6.sin6_family = AF_INET6;
    storage_.v6.sin6_port = htons(number);
    if (::inet_pton(AF_INET6, found.host.c_str(), &storage_.v6.sin6_addr) != 1)
      refuse(text, "what is in the brackets is no IPv6 address");
  } else {
    storage_.v4.sin_family = AF_INET;
    storage_.v4.sin_port = htons(number);
    if (::inet_pton(AF_INET, found.host.c_str(), &storage_.v4.sin_addr) != 1)
      refuse(text, "the host is no IPv4 address (resolve() takes names)");
  }
}

address::address(const sockaddr* from, socklen_t size) noexcept {
  if (from->sa_family == AF_INET && size >= sizeof storage_.v4) {
    std::memcpy(&storage_.v4, from, sizeof storage_.v4);
  } else if (from->sa_family == AF_INET6 && size >= sizeof storage_.v6) {
    std::memcpy(&storage_.v6, from, sizeof storage_.v6);
  }
}

address address::loopback(std::uint16_t port) noexcept {
  address made;
  made.storage_.v4.sin_family = AF_INET;
  made.storage_.v4.sin_port = htons(port);
  made.storage_.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return made;
}

address address::loopback_v6(std::uint16_t port) noexcept {
  address made;
  made.storage_.v6.sin6_family = AF_INET6;
  made.storage_.v6.sin6_port = htons(port);
  made.storage_.v6.sin6_addr = in6addr_loopback;
  return made;
}

std::uint16_t address::port() const noexcept {
  if (family() == AF_INET) return ntohs(storage_.v4.sin_port);
  if (family() == AF_INET6) return ntohs(storage_.v6.sin6_port);
  return 0;
}

std::string address::to_string() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (family() == AF_INET) {
    ::inet_ntop(AF_INET, &storage_.v4.sin_addr, text.data(), text.size());
    return text.data() + (":" + std::to_string(port()));
  }
  if (family() == AF_INET6) {
    ::inet_ntop(AF_INET6, &storage_.v6.sin6_addr, text.data(), text.size());
    std::string zone;
    if (storage_.v6.sin6_scope_id != 0) zone = "%" + std::to_string(storage_.v6.sin6_scope_id);
    return "[" + std::string(text.data()) + zone + "]:" + std::to_string(port());
  }
  return "-";
}

socklen_t address::size() const noexcept {
  if (family() == AF_INET) return sizeof storage_.v4;
  if (family() == AF_INET6) return sizeof storage_.v6;
  return 0;
}

bool operator==(const address& a, const address& b) noexcept {
  if (a.family() != b.family() || a.port() != b.port()) return false;
  if (a.family() == AF_INET) return a.storage_.v4.sin_addr.s_addr == b.storage_.v4.sin_addr.s_addr;
  if (a.family() != AF_INET6) return true;
  return a.storage_.v6.sin6_scope_id == b.storage_.v6.sin6_scope_id &&
         std::equal(std::begin(a.storage_.v6.sin6_addr.s6_addr),
                    std::end(a.storage_.v6.sin6_addr.s6_addr),
                    std::begin(b.storage_.v6.sin6_addr.s6_addr));
}

std::vector<address> resolve(std::string_view host_and_port, bool to_listen) {
  const parts found = split(host_and_port);
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = to_listen ? AI_PASSIVE : 0;
  if (found.brackets) wanted.ai_flags |= AI_NUMERICHOST;
  addrinfo* list = nullptr;
  int system_error = 0;
  const int error = blocking([&] {
    const int code = ::getaddrinfo(found.host.empty() ? nullptr : found.host.c_str(),
                                   found.port.c_str(), &wanted, &list);
    if (code == EAI_SYSTEM) system_error = errno;
    return code;
  });
  const std::string doing = "looking up '" + std::string(host_and_port) + "'";
  if (error == EAI_SYSTEM) throw std::system_error(system_error, std::generic_category(), doing);
  if (error != 0) throw std::system_error(error, resolving(), doing);
  std::vector<address> made;
  try {
    for (const addrinfo* one = list; one != nullptr; one = one->ai_next) {
      const address here(one->ai_addr, one->ai_addrlen);
      if (here.family() != 0) made.push_back(here);
    }
  } catch (...) {
    ::freeaddrinfo(list);
    throw;
  }
  ::freeaddrinfo(list);
  if (made.empty()) throw std::system_error(EAI_FAMILY, resolving(), doing);
  return made;
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::net
