// SPDX-License-Identifier: Apache-2.0
#include "daemon/openapi.hpp"

#include <gtest/gtest.h>

namespace persiscsi::daemon {
namespace {

namespace json = boost::json;

constexpr route rows[] = {
    {"GET", "/v1/things/{id}/part", body_kind::none, access::see, nullptr, "one part", "from to", body_kind::octets},
    {"PUT", "/v1/things/{id}/part", body_kind::octets, access::operate, nullptr, "write a part"},
    {"POST", "/v1/things", body_kind::json, access::operate, nullptr, "make a thing"},
};

json::value at(const json::value& document, std::string_view pointer) {
    return document.at_pointer(pointer);
}

TEST(openapi, each_route_stands_under_its_path_and_verb) {
    const json::value document = openapi_of(rows);
    EXPECT_EQ(at(document, "/openapi"), "3.0.3");
    EXPECT_EQ(document.at("paths").as_object().size(), 2U);
    EXPECT_EQ(at(document, "/paths/~1v1~1things~1{id}~1part").as_object().size(), 2U);
    EXPECT_EQ(at(document, "/paths/~1v1~1things/post/summary"), "make a thing");
    EXPECT_EQ(at(document, "/paths/~1v1~1things/post/x-persiscsi-access"), "operate");
}

TEST(openapi, parameters_are_those_of_path_and_query) {
    const json::value document = openapi_of(rows);
    const auto parameters = at(document, "/paths/~1v1~1things~1{id}~1part/get/parameters").as_array();
    ASSERT_EQ(parameters.size(), 3U);
    EXPECT_EQ(parameters[0].at("name"), "id");
    EXPECT_EQ(parameters[0].at("in"), "path");
    EXPECT_EQ(parameters[0].at("required"), true);
    EXPECT_EQ(parameters[2].at("name"), "to");
    EXPECT_EQ(parameters[2].at("in"), "query");
    EXPECT_EQ(parameters[2].at("required"), false);
}

TEST(openapi, bodies_and_answers_have_their_type) {
    const json::value document = openapi_of(rows);
    const std::string part = "/paths/~1v1~1things~1{id}~1part";
    EXPECT_TRUE(at(document, part + "/get/responses/200/content").as_object().contains("application/octet-stream"));
    EXPECT_FALSE(at(document, part + "/get").as_object().contains("requestBody"));
    EXPECT_EQ(at(document, part + "/put/requestBody/required"), true);
    EXPECT_TRUE(at(document, "/paths/~1v1~1things/post/requestBody/content").as_object().contains("application/json"));
    EXPECT_EQ(at(document, part + "/put/responses/default/content/application~1json/schema/$ref"),
              "#/components/schemas/error");
}

TEST(openapi, every_route_of_the_daemon_is_described) {
    const json::value document = openapi_of(routes());
    std::size_t operations = 0;
    for (const auto& [path, verbs] : document.at("paths").as_object()) operations += verbs.as_object().size();
    EXPECT_EQ(operations, routes().size());
}

}  // namespace
}  // namespace persiscsi::daemon
