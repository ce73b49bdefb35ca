#include "detector/report/names.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gobench::detector::reporting {
namespace {

struct case_of_name {
  const char* demangled;
  const char* tidy;
  const char* stable;
};

class names : public testing::TestWithParam<case_of_name> {};

TEST_P(names, are_what_a_person_would_write) {
  EXPECT_EQ(tidy(GetParam().demangled), GetParam().tidy);
}
TEST_P(names, are_stable_without_what_changes) {
  EXPECT_EQ(stable(tidy(GetParam().demangled)), GetParam().stable);
}

INSTANTIATE_TEST_SUITE_P(
    all, names,
    testing::Values(
        case_of_name{"main", "main", "main"}, case_of_name{"ns::f(int)", "ns::f(int)", "ns::f"},
        case_of_name{"void ns::f<int>(int)", "ns::f<int>(int)", "ns::f"},
        case_of_name{"std::vector<int, std::allocator<int> >::push_back(int const&)",
                     "std::vector<int>::push_back(int const&)", "std::vector::push_back"},
        case_of_name{"f(std::__cxx11::basic_string<char, std::char_traits<char>, "
                     "std::allocator<char> > const&)",
                     "f(std::string const&)", "f"},
        case_of_name{"g(std::map<long, std::__cxx11::basic_string<char, std::char_traits<char>, "
                     "std::allocator<char> >, "
                     "std::less<long>, std::allocator<std::pair<long const, "
                     "std::__cxx11::basic_string<char, "
                     "std::char_traits<char>, std::allocator<char> > > > >)",
                     "g(std::map<long, std::string>)", "g"},
        case_of_name{"h(std::unique_ptr<int, std::default_delete<int> >)",
                     "h(std::unique_ptr<int>)", "h"},
        case_of_name{"(anonymous namespace)::f(int)", "(anonymous namespace)::f(int)",
                     "(anonymous namespace)::f"},
        case_of_name{"a::(anonymous namespace)::b::c() const",
                     "a::(anonymous namespace)::b::c() const", "a::(anonymous namespace)::b::c"},
        case_of_name{"main::{lambda(int)#1}::operator()(int) const",
                     "main::{lambda(int)#1}::operator()(int) const", "main::{lambda}::operator()"},
        case_of_name{"main::$_0::operator()(int) const", "main::{lambda#1}::operator()(int) const",
                     "main::{lambda}::operator()"},
        case_of_name{"auto f(int)::{lambda(auto:1)#2}::operator()<int>(int) const",
                     "f(int)::{lambda(auto:1)#2}::operator()<int>(int) const",
                     "f::{lambda}::operator()"},
        case_of_name{"bool operator< <int>(box<int> const&, box<int> const&)",
                     "operator< <int>(box<int> const&, box<int> const&)", "operator<"},
        case_of_name{"box::operator->() const", "box::operator->() const", "box::operator->"},
        case_of_name{"box::operator bool() const", "box::operator bool() const",
                     "box::operator bool"},
        case_of_name{"operator new(unsigned long)", "operator new(unsigned long)", "operator new"},
        case_of_name{"operator delete[](void*)", "operator delete[](void*)", "operator delete[]"},
        case_of_name{"operators::run(int)", "operators::run(int)", "operators::run"},
        case_of_name{"decltype (x.y()) call<a>(a&)", "call<a>(a&)", "call"},
        case_of_name{"non-virtual thunk to b::act(int)", "b::act(int)", "b::act"},
        case_of_name{"f(int) [clone .constprop.0]", "f(int)", "f"},
        case_of_name{"shop::name[abi:cxx11]()", "shop::name()", "shop::name"},
        case_of_name{"std::__invoke<main()::<lambda(int)> >",
                     "std::__invoke<main()::{lambda(int)}>", "std::__invoke"},
        case_of_name{"apply(void (*)(int), int)", "apply(void (*)(int), int)", "apply"}));

TEST(names_of_symbols, are_demangled_where_they_are_of_cxx) {
  EXPECT_EQ(readable("_ZN2ns1fEi"), "ns::f(int)");
  EXPECT_EQ(readable("pthread_mutex_lock"), "pthread_mutex_lock");
  EXPECT_EQ(readable("_Znwm"), "operator new(unsigned long)");
  EXPECT_EQ(readable("_Zrubbish"), "_Zrubbish");
}

TEST(names_that_are_too_long, lose_the_innermost_arguments_first) {
  const std::string name = "table<pair<integer, text>, list<pair<integer, text>>>::insert(int)";
  EXPECT_EQ(shortened(name, 200), name);
  EXPECT_EQ(shortened(name, 60), "table<pair<...>, list<pair<integer, text>>>::insert(int)");
  EXPECT_EQ(shortened(name, 30), "table<...>::insert(int)");
  EXPECT_EQ(shortened(name, 10), "table<....");
}

TEST(names_of_the_standard_library, are_told_from_those_of_users) {
  EXPECT_TRUE(in_standard_library("std::vector<int>::push_back(int const&)"));
  EXPECT_TRUE(in_standard_library("__gnu_cxx::new_allocator<int>::allocate(unsigned long)"));
  EXPECT_FALSE(in_standard_library("stdlib::f()"));
  EXPECT_FALSE(in_standard_library("f(std::string)"));
}

}  // namespace
}  // namespace gobench::detector::reporting
