// SPDX-License-Identifier: Apache-2.0
#include "initiator/isns/discovery_dialogue.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace persiscsi::isns {
namespace {

using testing::HasSubstr;
using done = discovery_dialogue::done;

constexpr std::uint16_t port = 45678;

struct isns_dialogue : testing::Test {
    discovery_dialogue dialogue{"iqn.host", ip_address{}, port};

    static message sent(const discovery_dialogue::step& step, function expected) {
        const auto* request = std::get_if<message>(&step);
        if (request == nullptr) {
            ADD_FAILURE() << "the end, not a request: " << std::get<done>(step).failed.detail;
            return {};
        }
        EXPECT_EQ(request->function, static_cast<std::uint16_t>(expected));
        EXPECT_EQ(request->attributes.front(), text(tag::iscsi_name, "iqn.host")) << "the Source comes first";
        return *request;
    }
    static message answer_to(const message& request, status status, std::vector<attribute> attributes = {}) {
        return {.function = static_cast<std::uint16_t>(request.function | response_bit),
                .transaction = request.transaction,
                .status = status,
                .attributes = std::move(attributes)};
    }
    static std::vector<attribute> one_target() {
        return {empty(tag::delimiter), text(tag::iscsi_name, "iqn.a"), number(tag::iscsi_node_type, 1)};
    }
    static std::vector<attribute> no_target() { return {empty(tag::delimiter)}; }
    static bool has(const message& request, const attribute& wanted) {
        return std::ranges::find(request.attributes, wanted) != request.attributes.end();
    }
};

TEST_F(isns_dialogue, server_that_knows_us_is_asked_once) {
    const auto query = sent(dialogue.start(), function::dev_attr_qry);
    EXPECT_TRUE(has(query, number(tag::iscsi_node_type, target_node)));
    const auto end = std::get<done>(dialogue.on_message(answer_to(query, status::success, one_target())));
    EXPECT_FALSE(end.failed);
    EXPECT_EQ(end.targets, (std::vector<known_target>{{"iqn.a", {}}}));
}

TEST_F(isns_dialogue, server_that_does_not_know_us_is_told_and_we_leave_nothing_behind) {
    for (const bool refuses : {true, false}) {
        dialogue = {"iqn.host", ip_address{}, port};
        const auto query = sent(dialogue.start(), function::dev_attr_qry);
        const auto entry = sent(dialogue.on_message(refuses ? answer_to(query, status::source_unknown)
                                                            : answer_to(query, status::success, no_target())),
                                function::dev_attr_reg);
        EXPECT_TRUE(has(entry, number(tag::iscsi_node_type, initiator_node)));
        EXPECT_TRUE(has(entry, number(tag::portal_port, port)));
        EXPECT_TRUE(has(entry, text(tag::entity_identifier, "iqn.host")));
        const auto again = sent(dialogue.on_message(answer_to(entry, status::success)), function::dev_attr_qry);
        EXPECT_NE(again.transaction, query.transaction);
        const auto leave =
            sent(dialogue.on_message(answer_to(again, status::success, one_target())), function::dev_dereg);
        EXPECT_TRUE(has(leave, text(tag::entity_identifier, "iqn.host")));
        const auto end = std::get<done>(dialogue.on_message(answer_to(leave, status::success)));
        EXPECT_EQ(end.targets.size(), 1U);
        EXPECT_FALSE(end.failed);
    }
}

TEST_F(isns_dialogue, no_target_after_all_is_an_empty_list) {
    const auto query = sent(dialogue.start(), function::dev_attr_qry);
    const auto entry = sent(dialogue.on_message(answer_to(query, status::no_such_entry)), function::dev_attr_reg);
    const auto again = sent(dialogue.on_message(answer_to(entry, status::success)), function::dev_attr_qry);
    const auto leave = sent(dialogue.on_message(answer_to(again, status::no_such_entry)), function::dev_dereg);
    const auto end = std::get<done>(dialogue.on_message(answer_to(leave, status{22})));
    EXPECT_FALSE(end.failed) << "whatever becomes of the registration";
    EXPECT_TRUE(end.targets.empty());
}

TEST_F(isns_dialogue, refusals_are_told_with_their_status) {
    const auto query = sent(dialogue.start(), function::dev_attr_qry);
    auto end = std::get<done>(dialogue.on_message(answer_to(query, status{8})));
    EXPECT_EQ(end.failed.code, isns_errc::refused);
    EXPECT_THAT(end.failed.detail, HasSubstr("query: source unauthorized (status 8)"));
    dialogue = {"iqn.host", ip_address{}, port};
    const auto entry =
        sent(dialogue.on_message(answer_to(sent(dialogue.start(), function::dev_attr_qry), status::source_unknown)),
             function::dev_attr_reg);
    end = std::get<done>(dialogue.on_message(answer_to(entry, status{3})));
    EXPECT_THAT(end.failed.detail, HasSubstr("registration: invalid registration (status 3)"));
}

TEST_F(isns_dialogue, query_refused_after_the_registration_takes_it_back) {
    const auto query = sent(dialogue.start(), function::dev_attr_qry);
    const auto entry = sent(dialogue.on_message(answer_to(query, status::source_unknown)), function::dev_attr_reg);
    const auto again = sent(dialogue.on_message(answer_to(entry, status::success)), function::dev_attr_qry);
    const auto leave = sent(dialogue.on_message(answer_to(again, status::source_unknown)), function::dev_dereg);
    const auto end = std::get<done>(dialogue.on_message(answer_to(leave, status::success)));
    EXPECT_THAT(end.failed.detail, HasSubstr("query: source unknown"));
}

TEST_F(isns_dialogue, answers_to_something_else_are_refused) {
    const auto query = sent(dialogue.start(), function::dev_attr_qry);
    auto other = answer_to(query, status::success, one_target());
    ++other.transaction;
    EXPECT_EQ(std::get<done>(dialogue.on_message(other)).failed.code, isns_errc::remote_unexpected_message);
    other = answer_to(query, status::success, one_target());
    other.function = 0x8003;
    EXPECT_EQ(std::get<done>(dialogue.on_message(other)).failed.code, isns_errc::remote_unexpected_message);
    EXPECT_EQ(std::get<done>(dialogue.on_message(query)).failed.code, isns_errc::remote_unexpected_message);
}

struct isns_watch_dialogue : isns_dialogue {
    isns_watch_dialogue() { dialogue = {"iqn.host", ip_address{}, port, 3333}; }

    /// Up to the first query.
    message subscribed() {
        const auto entry = sent(dialogue.start(), function::dev_attr_reg);
        EXPECT_TRUE(has(entry, number(tag::scn_port, 3333)));
        const auto subscription = sent(dialogue.on_message(answer_to(entry, status::success)), function::scn_reg);
        EXPECT_TRUE(has(subscription, number(tag::iscsi_scn_bitmap, 0x5c)));
        return sent(dialogue.on_message(answer_to(subscription, status::success)), function::dev_attr_qry);
    }
    static std::size_t told(const discovery_dialogue::step& step) {
        const auto* news = std::get_if<discovery_dialogue::news>(&step);
        EXPECT_NE(news, nullptr);
        return news == nullptr ? 99 : news->targets.size();
    }
};

TEST_F(isns_watch_dialogue, asks_again_after_each_change) {
    auto query = subscribed();
    EXPECT_EQ(told(dialogue.on_message(answer_to(query, status::success, one_target()))), 1U);
    query = sent(dialogue.changed().value(), function::dev_attr_qry);
    EXPECT_EQ(told(dialogue.on_message(answer_to(query, status::no_such_entry))), 0U);
}

TEST_F(isns_watch_dialogue, change_during_a_query_leads_to_one_more_query) {
    auto query = subscribed();
    EXPECT_FALSE(dialogue.changed());
    EXPECT_FALSE(dialogue.changed());
    query = sent(dialogue.on_message(answer_to(query, status::success, no_target())), function::dev_attr_qry);
    EXPECT_EQ(told(dialogue.on_message(answer_to(query, status::success, one_target()))), 1U);
}

TEST_F(isns_watch_dialogue, leaves_at_once_or_after_the_answer_that_is_due) {
    auto query = subscribed();
    EXPECT_FALSE(dialogue.leave());
    auto leave = sent(dialogue.on_message(answer_to(query, status::success, no_target())), function::dev_dereg);
    EXPECT_FALSE(std::get<done>(dialogue.on_message(answer_to(leave, status::success))).failed);
    dialogue = {"iqn.host", ip_address{}, port, 3333};
    query = subscribed();
    EXPECT_EQ(told(dialogue.on_message(answer_to(query, status::success, no_target()))), 0U);
    leave = sent(dialogue.leave().value(), function::dev_dereg);
    EXPECT_FALSE(std::get<done>(dialogue.on_message(answer_to(leave, status::success))).failed);
}

TEST_F(isns_watch_dialogue, answer_that_nobody_asked_for_ends_it) {
    const auto query = subscribed();
    const auto answer = answer_to(query, status::success, no_target());
    EXPECT_EQ(told(dialogue.on_message(answer)), 0U);
    EXPECT_EQ(std::get<done>(dialogue.on_message(answer)).failed.code, isns_errc::remote_unexpected_message);
}

}  // namespace
}  // namespace persiscsi::isns
