// SPDX-License-Identifier: Apache-2.0
#include "pdu/ahs.hpp"
#include "pdu/any_pdu.hpp"
#include "pdu/frame.hpp"
#include "pdu/text.hpp"
#include "tests/fuzz/seed.hpp"
#include "tests/fuzz/targets.hpp"

namespace persiscsi::fuzz {
namespace {

/// Each PDU of RFC 7143 §11 as its layout makes it, fields at their defaults.
std::vector<pdu::bhs_bytes> headers() {
    std::vector<pdu::bhs_bytes> all;
    [&]<class... Pdu>(std::in_place_type_t<std::variant<Pdu...>>) {
        (all.push_back(pdu::encode(Pdu{})), ...);
    }(std::in_place_type<pdu::any_pdu>);
    return all;
}

bytes wire_of(const pdu::frame& frame) {
    return seed().add(frame.head()).add(frame.data()).add(frame.tail());
}

}  // namespace

std::vector<bytes> header_seeds() {
    std::vector<bytes> seeds;
    for (auto& bhs : headers()) {
        seeds.push_back(seed().add(bhs));
        for (std::size_t i = 1; i < bhs.size(); ++i) bhs[i] = static_cast<std::byte>(i);
        seeds.push_back(seed().add(bhs));
    }
    return seeds;
}

std::vector<bytes> stream_seeds() {
    std::vector<bytes> seeds;
    for (const bool digests : {false, true}) {
        const pdu::digests used{.header = digests, .data = digests};
        seed stream;
        stream.number(digests).number(digests).number(8192, 2).number(2).number(1).number(40);
        for (const auto& bhs : headers()) {
            const auto frame = wire_of(pdu::frame(bhs, bytes(9, std::byte{5}), used));
            stream.add(frame);
            seeds.push_back(
                seed().number(digests).number(digests).number(512, 2).number(3).text("\x01\x07\x30").add(frame));
        }
        seeds.push_back(stream);
    }
    return seeds;
}

std::vector<bytes> frame_seeds() {
    std::vector<bytes> seeds;
    for (const unsigned flipped : {0U, 1U, 50U, 77U})
        for (const unsigned digests : {0U, 1U, 2U, 3U})
            seeds.push_back(seed()
                                .number(digests & 1U)
                                .number(digests >> 1U)
                                .number(2)
                                .text("\x05\x50")
                                .number(flipped, 2)
                                .number(1)
                                .number(3, 2)
                                .text("abc\x25")
                                .number(0)
                                .number(5, 2)
                                .text("defgh\x21"));
    return seeds;
}

std::vector<bytes> ahs_seeds() {
    const bytes cdb(16, std::byte{0x7f});
    return {pdu::encode_ahs({.extended_cdb = cdb}),
            pdu::encode_ahs({.bidirectional_read_expected_data_transfer_length = 4096}),
            pdu::encode_ahs({.extended_cdb = cdb, .bidirectional_read_expected_data_transfer_length = 1}),
            pdu::encode_ahs({.extended_cdb = bytes(pdu::max_extended_cdb, std::byte{1})})};
}

std::vector<bytes> text_seeds() {
    return {pdu::encode_text({{"InitiatorName", "iqn.2024-01.example:a"}, {"SessionType", "Normal"}}),
            pdu::encode_text({{"MaxBurstLength", "262144"}, {"X-com.example.key", ""}, {"X#Private", "0x00ff"}}),
            pdu::encode_text({{"A", "="}, {"A", "="}})};
}

}  // namespace persiscsi::fuzz
