// SPDX-License-Identifier: Apache-2.0
#include "pdu/crc32c.hpp"

#include "pdu/crc32c_variants.hpp"
#include "pdu/digest.hpp"
#include "tests/unit/pdu/bytes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <thread>

namespace persiscsi::pdu {

static void PrintTo(const crc32c_variant& variant, std::ostream* to) {
    *to << variant.name;
}

namespace {

using test::bytes;

/// RFC 7143 Appendix A.4.
struct crc_example {
    const char* name;
    bytes data;
    bytes digest;
};

bytes counting(unsigned from, int step) {
    bytes data;
    for (int i = 0; i < 32; ++i) data.push_back(static_cast<std::byte>(static_cast<int>(from) + step * i));
    return data;
}

std::vector<crc_example> rfc_examples() {
    return {
        {"32 bytes of zeroes", bytes(32, std::byte{0}), test::from_hex("aa 36 91 8a")},
        {"32 bytes of ones", bytes(32, std::byte{0xff}), test::from_hex("43 ab a8 62")},
        {"incrementing", counting(0x00, 1), test::from_hex("4e 79 dd 46")},
        {"decrementing", counting(0x1f, -1), test::from_hex("5c db 3f 11")},
        {"SCSI Read (10) Command",
         test::from_hex("01 c0 00 00  00 00 00 00  00 00 00 00  00 00 00 00  14 00 00 00  00 00 04 00"
                        "00 00 00 14  00 00 00 18  28 00 00 00  00 00 00 00  02 00 00 00  00 00 00 00"),
         test::from_hex("56 3a 96 d9")},
    };
}

bytes digest_bytes(std::uint32_t crc) {
    std::array<std::byte, 4> digest{};
    store_digest(digest.data(), crc);
    return {digest.begin(), digest.end()};
}

/// The definition of RFC 7143 §13.1, one bit at a time.
std::uint32_t crc_by_definition(std::span<const std::byte> data) {
    std::uint32_t state = 0xffffffffU;
    for (const std::byte byte : data) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            const std::uint32_t next = (state ^ (std::to_integer<std::uint32_t>(byte) >> bit)) & 1U;
            state = (state >> 1U) ^ (next != 0 ? 0x82f63b78U : 0U);
        }
    }
    return ~state;
}

std::string variant_test_name(const testing::TestParamInfo<crc32c_variant>& variant) {
    std::string name(variant.param.name);
    for (auto& c : name)
        if (c == '.' || c == '-') c = '_';
    return name;
}

class crc32c_variant_test : public testing::TestWithParam<crc32c_variant> {
  protected:
    void SetUp() override {
        if (!GetParam().supported()) GTEST_SKIP() << "this processor lacks what " << GetParam().name << " uses";
    }
    static std::uint32_t crc_of(std::span<const std::byte> data) {
        return ~GetParam().extend(0xffffffffU, data.data(), data.size());
    }
};

TEST_P(crc32c_variant_test, gives_the_digests_of_the_rfc) {
    for (const auto& example : rfc_examples())
        EXPECT_EQ(digest_bytes(crc_of(example.data)), example.digest) << example.name;
}

TEST_P(crc32c_variant_test, equals_the_definition_at_every_size_and_alignment_around_its_runs) {
    std::mt19937 generator(7143);
    const bytes data = test::random_bytes(generator, 9000);
    for (const std::size_t around : {0U, 500U, 1000U, 4064U, 4570U, 8150U}) {
        for (std::size_t size = around; size < around + 40; ++size) {
            const auto at = size % 17;
            const auto part = std::span(data).subspan(at, size);
            ASSERT_EQ(crc_of(part), crc_by_definition(part)) << size << " bytes at offset " << at;
        }
    }
}

TEST_P(crc32c_variant_test, is_the_same_however_the_bytes_are_sliced) {
    std::mt19937 generator(1);
    const bytes data = test::random_bytes(generator, 13000);
    const auto whole = crc_by_definition(data);
    for (std::size_t cut = 0; cut <= data.size(); cut += cut < 70 ? 1 : 211) {
        const auto first = GetParam().extend(0xffffffffU, data.data(), cut);
        ASSERT_EQ(~GetParam().extend(first, data.data() + cut, data.size() - cut), whole) << "cut at " << cut;
    }
}

INSTANTIATE_TEST_SUITE_P(each,
                         crc32c_variant_test,
                         testing::ValuesIn(crc32c_variants().begin(), crc32c_variants().end()),
                         variant_test_name);

TEST(crc32c, continues_from_an_earlier_crc) {
    std::mt19937 generator(2);
    const bytes data = test::random_bytes(generator, 300);
    EXPECT_EQ(crc32c(std::span(data).subspan(100), crc32c(std::span(data).first(100))), crc_by_definition(data));
}

TEST(crc32c, of_nothing_is_the_crc_it_continues_from) {
    EXPECT_EQ(crc32c({}), 0U);
    EXPECT_EQ(crc32c({}, 0x12345678U), 0x12345678U);
}

TEST(crc32c, uses_the_first_variant_that_the_processor_supports) {
    for (const auto& variant : crc32c_variants()) {
        if (!variant.supported()) continue;
        EXPECT_EQ(crc32c_implementation(), variant.name);
        return;
    }
    FAIL() << "no variant runs here";
}

TEST(crc32c, may_be_called_first_from_several_threads) {
    std::vector<std::thread> threads;
    std::array<std::uint32_t, 4> crcs{};
    const bytes data(4096, std::byte{0x5a});
    for (auto& crc : crcs) threads.emplace_back([&] { crc = crc32c(data); });
    for (auto& thread : threads) thread.join();
    EXPECT_THAT(crcs, testing::Each(crc_by_definition(data)));
}

}  // namespace
}  // namespace persiscsi::pdu
