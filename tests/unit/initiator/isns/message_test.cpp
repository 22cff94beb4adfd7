// SPDX-License-Identifier: Apache-2.0
#include "initiator/isns/message.hpp"

#include "initiator/isns/message_reader.hpp"
#include "pdu/endian.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>

namespace persiscsi::isns {
namespace {

using bytes = std::vector<std::byte>;
using step = message_reader::step;
using testing::HasSubstr;

bytes of(std::initializer_list<int> values) {
    bytes made;
    for (const auto value : values) made.push_back(static_cast<std::byte>(value));
    return made;
}

message query_answer() {
    return {.function = 0x8002,
            .transaction = 7,
            .status = status::success,
            .attributes = {number(tag::iscsi_node_type, 1), empty(tag::delimiter), text(tag::iscsi_name, "iqn.a:b")}};
}

/// Feeds in pieces of at most `most` bytes; stops at the first message or failure. `used` bytes have gone in then.
step feed(message_reader& reader, const bytes& stream, std::size_t most, std::size_t& used) {
    used = 0;
    while (used < stream.size()) {
        const auto space = reader.space();
        const auto count = std::min({space.size(), most, stream.size() - used});
        std::copy_n(stream.begin() + static_cast<std::ptrdiff_t>(used), count, space.begin());
        reader.filled(count);
        used += count;
        const auto next = reader.next();
        if (next != step::need_bytes) return next;
    }
    return step::need_bytes;
}
step feed(message_reader& reader, const bytes& stream) {
    std::size_t used = 0;
    return feed(reader, stream, stream.size(), used);
}
std::string complaint_about(const bytes& stream) {
    message_reader reader;
    return feed(reader, stream) == step::failed ? reader.failed().detail : "accepted";
}

void expect_query_answer(const message& got) {
    EXPECT_EQ(got.function, 0x8002);
    EXPECT_TRUE(got.answers(function::dev_attr_qry));
    EXPECT_EQ(got.transaction, 7);
    EXPECT_EQ(got.status, status::success);
    EXPECT_EQ(got.attributes, query_answer().attributes);
}

/// The PDU with other values at an offset of its header.
bytes with(bytes pdu, std::size_t offset, std::uint16_t value) {
    pdu::store_be<2>(pdu.data() + offset, value);
    return pdu;
}
bytes joined(const std::vector<bytes>& parts) {
    bytes all;
    for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
    return all;
}
bytes fragment(std::uint16_t flags, std::uint16_t sequence, const bytes& payload, std::uint16_t transaction = 7) {
    bytes made(header_size);
    pdu::store_be<2>(made.data(), 1);
    pdu::store_be<2>(made.data() + 2, 0x8002);
    pdu::store_be<2>(made.data() + 4, payload.size());
    pdu::store_be<2>(made.data() + 6, flags);
    pdu::store_be<2>(made.data() + 8, transaction);
    pdu::store_be<2>(made.data() + 10, sequence);
    made.insert(made.end(), payload.begin(), payload.end());
    return made;
}

TEST(isns_message, is_laid_out_as_rfc_4171_shows) {
    const message query{.function = static_cast<std::uint16_t>(function::dev_attr_qry),
                        .transaction = 0x0102,
                        .attributes = {text(tag::iscsi_name, "iqn.a"), empty(tag::delimiter), number(tag::pg_tag, 9)}};
    EXPECT_EQ(encode(query),
              of({0, 1, 0, 2,  0, 36, 0x8c, 0, 1,   2,   0,   0,                                 // header
                  0, 0, 0, 32, 0, 0,  0,    8, 'i', 'q', 'n', '.', 'a', 0, 0, 0,                 // Source
                  0, 0, 0, 0,  0, 0,  0,    0, 0,   0,   0,   51,  0,   0, 0, 4, 0, 0, 0, 9}));  // delimiter, PG Tag
}

TEST(isns_message, text_always_ends_with_nul_and_fills_its_words) {
    EXPECT_EQ(text(tag::iscsi_name, "abc").value.size(), 4U);
    EXPECT_EQ(text(tag::iscsi_name, "abcd").value.size(), 8U);
    EXPECT_EQ(text(tag::iscsi_name, "").value.size(), 4U);
}

TEST(isns_message, is_read_whole_byte_by_byte_and_with_what_follows) {
    const auto pdu = encode(query_answer());
    for (const std::size_t most : {pdu.size(), std::size_t{1}, std::size_t{5}}) {
        message_reader reader;
        std::size_t used = 0;
        ASSERT_EQ(feed(reader, pdu, most, used), step::message) << most;
        EXPECT_EQ(used, pdu.size());
        expect_query_answer(reader.result());
    }
    message_reader reader;
    std::size_t used = 0;
    const auto twice = joined({pdu, pdu});
    ASSERT_EQ(feed(reader, twice, twice.size(), used), step::message);
    EXPECT_EQ(used, pdu.size()) << "not a byte of the next";
    ASSERT_EQ(feed(reader, pdu), step::message);
    expect_query_answer(reader.result());
}

TEST(isns_message, truncated_anywhere_is_no_message) {
    const auto pdu = encode(query_answer());
    for (std::size_t size = 0; size < pdu.size(); ++size) {
        message_reader reader;
        EXPECT_EQ(feed(reader, {pdu.begin(), pdu.begin() + static_cast<std::ptrdiff_t>(size)}), step::need_bytes);
        EXPECT_FALSE(reader.space().empty());
    }
}

TEST(isns_message, is_put_together_from_fragments) {
    const auto pdu = encode(query_answer());
    const bytes payload(pdu.begin() + header_size, pdu.end());
    const bytes head(payload.begin(), payload.begin() + 8);
    const bytes rest(payload.begin() + 8, payload.end());
    const auto stream = joined({fragment(first_pdu, 0, head), fragment(0, 1, {}), fragment(last_pdu, 2, rest)});
    for (const std::size_t most : {stream.size(), std::size_t{1}}) {
        message_reader reader;
        std::size_t used = 0;
        ASSERT_EQ(feed(reader, stream, most, used), step::message);
        expect_query_answer(reader.result());
    }
}

TEST(isns_message, fragments_out_of_their_order_are_refused) {
    const auto head = fragment(first_pdu, 0, of({0, 0, 0, 0}));
    EXPECT_THAT(complaint_about(fragment(last_pdu, 0, {})), HasSubstr("the first PDU is missing"));
    EXPECT_THAT(complaint_about(fragment(first_pdu | last_pdu, 1, {})), HasSubstr("PDU 1 where 0 is due"));
    EXPECT_THAT(complaint_about(joined({head, head})), HasSubstr("a first PDU within a message"));
    EXPECT_THAT(complaint_about(joined({head, fragment(last_pdu, 2, {})})), HasSubstr("PDU 2 where 1 is due"));
    EXPECT_THAT(complaint_about(joined({head, fragment(last_pdu, 1, {}, 8)})), HasSubstr("of another message"));
}

TEST(isns_message, hostile_headers_are_refused) {
    const auto pdu = encode(query_answer());
    EXPECT_THAT(complaint_about(with(pdu, 0, 2)), HasSubstr("version 2, allowed 1"));
    EXPECT_THAT(complaint_about(with(pdu, 4, 33)), HasSubstr("33 is no multiple of 4"));
    EXPECT_THAT(complaint_about(with(pdu, 6, 0x6c00)), HasSubstr("authentication block"));
    EXPECT_THAT(complaint_about(fragment(first_pdu | last_pdu, 0, {})), HasSubstr("without a status"));
}

TEST(isns_message, hostile_attributes_are_refused) {
    const auto about = [](const bytes& attributes) {
        failure wrong;
        EXPECT_TRUE(parse_attributes(attributes, wrong).empty());
        EXPECT_EQ(wrong.code, isns_errc::remote_malformed_attribute);
        return wrong.detail;
    };
    EXPECT_THAT(about(of({0, 0, 0, 32})), HasSubstr("4 bytes are left"));
    EXPECT_THAT(about(of({0, 0, 0, 32, 0, 0, 0, 8, 'a', 0, 0, 0})), HasSubstr("length 8, but 4 bytes are left"));
    EXPECT_THAT(about(of({0, 0, 0, 32, 255, 255, 255, 252, 0, 0, 0, 0})), HasSubstr("length 4294967292"));
    EXPECT_THAT(about(of({0, 0, 0, 32, 0, 0, 0, 3, 'a', 0, 0, 0})), HasSubstr("3 is no multiple of 4"));
    EXPECT_THAT(about(of({0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0})), HasSubstr("a delimiter of 4 bytes"));
}

TEST(isns_message, endless_one_ends_at_four_mebibytes) {
    message_reader reader;
    const bytes payload(longest_payload);
    auto last = feed(reader, fragment(first_pdu, 0, payload));
    std::uint16_t sequence = 1;
    while (last == step::need_bytes && sequence < 100) last = feed(reader, fragment(0, sequence++, payload));
    EXPECT_EQ(last, step::failed);
    EXPECT_EQ(sequence, 65) << "64 of 65532 bytes fit";
    EXPECT_EQ(reader.failed().code, isns_errc::remote_message_too_long);
    EXPECT_EQ(reader.next(), step::failed);
    EXPECT_TRUE(reader.space().empty());
}

TEST(isns_message, status_has_a_text) {
    EXPECT_EQ(to_string(status::source_unknown), "source unknown (status 6)");
    EXPECT_EQ(to_string(status{4711}), "unknown status (status 4711)");
}

}  // namespace
}  // namespace persiscsi::isns
