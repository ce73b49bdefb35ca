// The network: TCP and Unix streams whose operations let other tasks run while they wait.
//
//   gobench::run([] {
//     auto server = gobench::net::tcp_listener::listen("127.0.0.1:0");
//     gobench::go([&server] {
//       gobench::net::tcp_stream in = server.accept();
//       std::array<char, 512> buffer;
//       while (const std::size_t got = in.read(buffer)) in.write({buffer.data(), got});   // an echo
//     });
//     auto out = gobench::net::tcp_stream::connect(server.local_address(), 1s);
//     out.set_deadline(std::chrono::steady_clock::now() + 1s);
//     out.write("hello");
//   });
//
// A task that waits for the network can be woken from outside of the program, so no deadlock is reported while there is one.
#pragma once

#include "primitives/net/address.hpp"
#include "primitives/net/buffered_reader.hpp"
#include "primitives/net/errors.hpp"
#include "primitives/net/listener.hpp"
#include "primitives/net/stream.hpp"
#include "primitives/net/tcp.hpp"
#include "primitives/net/unix.hpp"
