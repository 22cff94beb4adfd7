// SPDX-License-Identifier: Apache-2.0
#include "initiator/isns/objects.hpp"

#include <gmock/gmock.h>

namespace persiscsi::isns {
namespace {

using testing::HasSubstr;

ip_address v4(int last) {
    ip_address made{};
    made[10] = made[11] = std::byte{0xff};
    made[12] = std::byte{192};
    made[14] = std::byte{2};
    made[15] = static_cast<std::byte>(last);
    return made;
}

std::vector<attribute> group(const std::string& name, int host, std::uint32_t port, attribute tag_value) {
    return {text(tag::pg_iscsi_name, name),
            address(tag::pg_portal_ip_address, v4(host)),
            number(tag::pg_portal_port, port),
            std::move(tag_value)};
}

message answer(const std::vector<std::vector<attribute>>& parts) {
    message made{.function = 0x8002, .attributes = {number(tag::iscsi_node_type, 1), empty(tag::delimiter)}};
    for (const auto& part : parts) made.attributes.insert(made.attributes.end(), part.begin(), part.end());
    return made;
}
std::vector<attribute> node(const std::string& name, std::uint32_t type) {
    return {text(tag::iscsi_name, name), number(tag::iscsi_node_type, type)};
}

std::vector<known_target> accepted(const message& from) {
    failure wrong;
    auto found = parse_targets(from, wrong);
    EXPECT_FALSE(wrong) << wrong.detail;
    return found;
}
std::string complaint_about(const message& from) {
    failure wrong;
    EXPECT_TRUE(parse_targets(from, wrong).empty());
    return wrong ? wrong.detail : "accepted";
}

TEST(isns_targets, have_the_portals_of_their_groups) {
    EXPECT_EQ(
        accepted(answer({node("iqn.a", 1),
                         node("iqn.b", 1),
                         group("iqn.b", 7, 3261, number(tag::pg_tag, 2)),
                         group("iqn.a", 7, 3260, number(tag::pg_tag, 1)),
                         group("iqn.a", 8, 3260, number(tag::pg_tag, 1))})),
        (std::vector<known_target>{{"iqn.a", {{v4(7), 3260, 1}, {v4(8), 3260, 1}}}, {"iqn.b", {{v4(7), 3261, 2}}}}));
    EXPECT_TRUE(accepted(answer({})).empty());
}

TEST(isns_targets, known_by_a_group_alone_are_targets_too) {
    EXPECT_EQ(accepted(answer({group("iqn.a", 7, 3260, number(tag::pg_tag, 1))})),
              (std::vector<known_target>{{"iqn.a", {{v4(7), 3260, 1}}}}));
}

TEST(isns_targets, are_not_initiators_nor_reached_through_forbidden_or_udp_portals) {
    EXPECT_EQ(accepted(answer({node("iqn.host", 2),
                               node("iqn.a", 1 | 4),
                               group("iqn.host", 9, 3260, number(tag::pg_tag, 1)),
                               group("iqn.a", 7, 3260, empty(tag::pg_tag)),
                               group("iqn.a", 8, 0x10000 | 3260, number(tag::pg_tag, 1))})),
              (std::vector<known_target>{{"iqn.a", {}}}));
}

TEST(isns_targets, attributes_nobody_asked_for_are_passed_over) {
    EXPECT_EQ(accepted(answer({node("iqn.a", 1), {text(tag::entity_identifier, "e"), number(tag{4711}, 1)}})).size(),
              1U);
}

TEST(isns_targets, of_answers_that_make_no_sense_are_none) {
    message no_delimiter{.function = 0x8002, .attributes = {text(tag::iscsi_name, "iqn.a")}};
    EXPECT_THAT(complaint_about(no_delimiter), HasSubstr("no delimiter"));
    EXPECT_THAT(complaint_about(answer({{attribute{tag::iscsi_name, {4, std::byte{'a'}}}}})), HasSubstr("without NUL"));
    EXPECT_THAT(complaint_about(answer({{empty(tag::iscsi_name)}})), HasSubstr("without NUL"));
    EXPECT_THAT(complaint_about(answer({node("", 1)})), HasSubstr("a name of 0 bytes"));
    EXPECT_THAT(complaint_about(answer({node(std::string(224, 'a'), 1)})), HasSubstr("a name of 224 bytes"));
    EXPECT_THAT(complaint_about(answer({node(std::string("a\0b", 3), 1)})), HasSubstr("bytes after its end"));
    EXPECT_THAT(complaint_about(answer({{number(tag::iscsi_node_type, 1)}})), HasSubstr("before any name"));
    EXPECT_THAT(complaint_about(answer({node("iqn.a", 1), {text(tag::iscsi_node_type, "12345")}})),
                HasSubstr("attribute 33 of 8 bytes, allowed 4"));
    EXPECT_THAT(complaint_about(answer({{number(tag::pg_tag, 1)}})), HasSubstr("does not begin with its target"));
    EXPECT_THAT(complaint_about(answer({{text(tag::pg_iscsi_name, "iqn.a")}})), HasSubstr("iqn.a without its portal"));
    EXPECT_THAT(complaint_about(answer({{text(tag::pg_iscsi_name, "iqn.a"), number(tag::pg_portal_ip_address, 1)}})),
                HasSubstr("attribute 49 of 4 bytes, allowed 16"));
    EXPECT_THAT(complaint_about(answer({group("iqn.a", 7, 0, number(tag::pg_tag, 1))})), HasSubstr("at port 0"));
    EXPECT_THAT(complaint_about(answer({group("iqn.a", 7, 3260, number(tag::pg_tag, 65536))})), HasSubstr("tag 65536"));
}

TEST(isns_notification, is_answered_by_whether_it_makes_sense) {
    const message sound{.function = 0x0008,
                        .transaction = 5,
                        .attributes = {text(tag::iscsi_name, "iqn.me"),
                                       {tag::timestamp, std::vector<std::byte>(8)},
                                       number(tag::iscsi_scn_bitmap, object_removed),
                                       text(tag::iscsi_name, "iqn.a")}};
    const auto accepted = answer_to_notification(sound, "iqn.me");
    EXPECT_EQ(accepted.function, 0x8008);
    EXPECT_EQ(accepted.transaction, 5);
    EXPECT_EQ(accepted.status, status::success);
    EXPECT_EQ(accepted.attributes, std::vector{sound.attributes[0]});
    EXPECT_EQ(answer_to_notification(sound, "iqn.you").status, status::scn_event_rejected);
    for (std::size_t i = 0; i < sound.attributes.size(); ++i) {
        auto broken = sound;
        broken.attributes[i].value.resize(12, std::byte{1});
        EXPECT_EQ(answer_to_notification(broken, "iqn.me").status, status::scn_event_rejected) << i;
        broken = sound;
        broken.attributes.erase(broken.attributes.begin() + static_cast<std::ptrdiff_t>(i));
        EXPECT_EQ(answer_to_notification(broken, "iqn.me").status, status::scn_event_rejected) << i;
    }
}

}  // namespace
}  // namespace persiscsi::isns
