// SPDX-License-Identifier: Apache-2.0
#include "daemon/json_fields.hpp"

#include "daemon/api_failure.hpp"

#include <gtest/gtest.h>

namespace persiscsi::daemon {
namespace {

template <class Call>
std::string refusal_of(Call call) {
    try {
        call();
    } catch (const api_failure& failure) {
        EXPECT_EQ(failure.code(), api_errc::bad_request);
        return failure.what();
    }
    ADD_FAILURE() << "nothing was refused";
    return {};
}

TEST(json_body, broken_text_is_refused_without_being_echoed) {
    for (const std::string broken : {"{", "}", "{\"secret\":\"hunter2\"", "[1,]", "nul", "\xff\xfe", "{}{}", ""}) {
        const auto message = refusal_of([&] { (void)parse_json(broken); });
        EXPECT_NE(message.find("not JSON"), std::string::npos) << message;
        EXPECT_EQ(message.find("hunter2"), std::string::npos) << message;
    }
}

TEST(json_body, nesting_is_followed_up_to_32_levels_only) {
    EXPECT_NO_THROW((void)parse_json(std::string(32, '[') + std::string(32, ']')));
    (void)refusal_of([] { (void)parse_json(std::string(33, '[') + std::string(33, ']')); });
    (void)refusal_of([] { (void)parse_json(std::string(100000, '[')); });
}

TEST(json_fields, another_type_than_wanted_is_refused_by_name) {
    const auto body = parse_json(R"({"text":5,"flag":"yes","number":1.5,"list":"a","items":[1],"pairs":7})");
    const json_fields fields(body, "test request");
    EXPECT_EQ(refusal_of([&] { (void)fields.text("text", 9); }), "test request: \"text\" is not a string");
    EXPECT_EQ(refusal_of([&] { (void)fields.flag("flag"); }), "test request: \"flag\" is neither true nor false");
    (void)refusal_of([&] { (void)fields.number("number", 0, 9); });
    (void)refusal_of([&] { (void)fields.texts("list", 9); });
    (void)refusal_of([&] { (void)fields.texts("items", 9); });
    (void)refusal_of([&] { (void)fields.pairs("pairs", 9); });
}

TEST(json_fields, limits_hold_on_both_sides) {
    const auto body =
        parse_json(R"({"text":"12345","number":7,"list":["a","b"],"huge":18446744073709551615,"line":"a\nb"})");
    const json_fields fields(body, "test request");
    EXPECT_EQ(fields.text("text", 5), "12345");
    (void)refusal_of([&] { (void)fields.text("text", 4); });
    EXPECT_EQ(fields.number("number", 7, 7), 7);
    (void)refusal_of([&] { (void)fields.number("number", 8, 9); });
    (void)refusal_of([&] { (void)fields.number("number", 0, 6); });
    (void)refusal_of([&] { (void)fields.number("huge", 0, 9); });
    EXPECT_EQ(fields.texts("list", 2).size(), 2U);
    (void)refusal_of([&] { (void)fields.texts("list", 1); });
    (void)refusal_of([&] { (void)fields.text("line", 9); });
}

TEST(json_fields, missing_null_and_unknown_fields_are_no_error) {
    const auto body = parse_json(R"({"text":null,"unknown":{"a":[1]}})");
    const json_fields fields(body, "test request");
    EXPECT_FALSE(fields.text("text", 9));
    EXPECT_FALSE(fields.flag("flag"));
    EXPECT_TRUE(fields.texts("list", 0).empty());
    (void)refusal_of([&] { (void)fields.required_text("text", 9); });
}

TEST(json_fields, a_body_that_is_no_object_is_refused) {
    for (const auto* text : {"[]", "1", "\"x\"", "true"})
        (void)refusal_of([&] { json_fields(parse_json(text), "test request"); });
}

TEST(json_fields, pairs_come_as_object_or_as_list) {
    const auto body =
        parse_json(R"({"a":{"k":"v","l":"w"},"b":[{"key":"k","value":"v"},{"key":"k","value":"w"}],"c":{"k":1}})");
    const json_fields fields(body, "test request");
    using pairs = std::vector<std::pair<std::string, std::string>>;
    EXPECT_EQ(fields.pairs("a", 9), (pairs{{"k", "v"}, {"l", "w"}}));
    EXPECT_EQ(fields.pairs("b", 9), (pairs{{"k", "v"}, {"k", "w"}}));
    (void)refusal_of([&] { (void)fields.pairs("c", 9); });
}

}  // namespace
}  // namespace persiscsi::daemon
