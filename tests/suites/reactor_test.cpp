#include <gtest/gtest.h>

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>

#include "suites/reactor/sample.hpp"

namespace {

using namespace gobench::suites;
using namespace gobench::suites::reactor;

point small_point() {
  point where;
  where.procs = 2;
  where.tasks = 3;
  where.most_seconds = 10;
  return where;
}

std::string answer_to(const protocol& speaks, std::string_view request) {
  std::array<char, buffer_bytes> answer;
  const exchange made = speaks.serve(request, answer);
  return {answer.data(), made.answered};
}

TEST(reactor, protocols_answer_what_the_client_expects) {
  for (const protocol* one : {&echo, &http}) {
    for (const std::uint64_t number : {1U, 987'654'321U})
      EXPECT_EQ(answer_to(*one, one->request(number)), one->expected(number));
  }
}

TEST(reactor, http_waits_for_the_whole_request_and_refuses_what_it_does_not_know) {
  std::array<char, buffer_bytes> answer;
  const std::string request = http.request(7);
  for (std::size_t cut = 0; cut < request.size(); ++cut)
    EXPECT_EQ(http.serve(std::string_view(request).substr(0, cut), answer).consumed, 0U) << cut;
  EXPECT_EQ(http.serve(request, answer).consumed, request.size());
  for (const char* bad : {"POST / HTTP/1.1\r\n\r\n", "\r\n\r\n", "GET HTTP/1.1\r\n\r\n"})
    EXPECT_TRUE(answer_to(http, bad).starts_with("HTTP/1.1 400 ")) << bad;
}

TEST(reactor, a_wrong_answer_is_caught_whoever_serves) {
  static const protocol wrong{[](std::string_view got, std::span<char> answer) {
                                const exchange made = echo.serve(got, answer);
                                answer[0] = '?';
                                return made;
                              },
                              echo.request, echo.expected};
  for (const auto make : {by_tasks, by_threads, by_event_loop}) {
    try {
      take_sample(small_point(), 10, wrong, make);
      ADD_FAILURE() << "nobody noticed";
    } catch (const std::runtime_error& error) {
      EXPECT_NE(std::string_view(error.what()).find("a wrong answer came"), std::string_view::npos)
          << error.what();
    }
  }
}

TEST(reactor, all_requests_are_answered_and_measured) {
  for (const auto make : {by_tasks, by_threads, by_event_loop}) {
    const measurement taken = take_sample(small_point(), 20, echo, make);
    EXPECT_TRUE(taken.result.holds());
    EXPECT_EQ(taken.operations, 20U);
    EXPECT_GT(taken.seconds, 0);
    EXPECT_NE(taken.metrics.find("p999_ns"), nullptr);
  }
}

TEST(reactor, a_sample_ends_early_when_it_takes_too_long) {
  point where = small_point();
  where.most_seconds = 0.01;
  const measurement taken = take_sample(where, 100'000'000, echo, by_event_loop);
  EXPECT_GT(taken.operations, 0U);
  EXPECT_LT(taken.operations, 100'000'000U);
}

}  // namespace
