// SPDX-License-Identifier: Apache-2.0
#include "pdu/ahs.hpp"
#include "pdu/any_pdu.hpp"
#include "pdu/pdu_reader.hpp"
#include "pdu/print.hpp"
#include "pdu/text.hpp"
#include "tests/fuzz/targets.hpp"

#include <array>
#include <cstring>

namespace persiscsi::fuzz {
namespace {

pdu::bhs_bytes filled(std::byte opcode, std::byte with) {
    pdu::bhs_bytes bhs;
    bhs.fill(with);
    bhs[0] = (bhs[0] & std::byte{0xc0}) | (opcode & std::byte{0x3f});
    return bhs;
}

pdu::bhs_bytes again(const pdu::bhs_bytes& bhs) {
    return std::visit([](const auto& one) { return pdu::encode(one); }, *pdu::decode_any(bhs));
}

/// What a stream of PDUs was taken apart into.
struct seen {
    std::vector<bytes> pdus;  ///< header, AHS and data, one behind the other; nothing where the data digest was wrong
    std::error_code failed;

    friend bool operator==(const seen&, const seen&) = default;
};

/// Feeds the wire in pieces of the sizes given, over and over; places every other data segment in memory of its own.
seen read_all(pdu::pdu_reader& reader, std::span<const std::byte> wire, std::span<const std::byte> sizes) {
    seen result;
    bytes own;
    for (std::size_t piece = 0; !wire.empty(); ++piece) {
        auto size = sizes.empty() ? wire.size() : 1 + std::to_integer<std::size_t>(sizes[piece % sizes.size()]);
        std::size_t count = 0;
        for (const auto place : reader.space()) {
            const auto part = std::min({place.size(), wire.size(), size});
            if (part > 0) std::memcpy(place.data(), wire.data(), part);
            wire = wire.subspan(part);
            size -= part;
            count += part;
            if (part < place.size()) break;  // the second place begins only where the first is full
        }
        must(count > 0, "the reader always has space for a byte");
        reader.filled(count);
        for (auto step = reader.next(); step != pdu::pdu_reader::step::need_bytes; step = reader.next()) {
            if (step == pdu::pdu_reader::step::failed || step == pdu::pdu_reader::step::corrupt) {
                must(static_cast<bool>(reader.error()) && printable(reader.error_detail()), "a failure has a name");
                if (step == pdu::pdu_reader::step::corrupt) {
                    result.pdus.emplace_back();
                    continue;
                }
                result.failed = reader.error();
                return result;
            }
            must(reader.ahs().size() <= pdu::max_ahs_size, "an AHS keeps to its bound");
            if (step == pdu::pdu_reader::step::header) {
                own.resize(reader.data_size());
                if (result.pdus.size() % 2 == 1) reader.place_data(own);
                continue;
            }
            must(reader.data().size() == reader.data_size(), "the data segment is all there");
            auto& whole = result.pdus.emplace_back(reader.header().begin(), reader.header().end());
            whole.insert(whole.end(), reader.ahs().begin(), reader.ahs().end());
            whole.insert(whole.end(), reader.data().begin(), reader.data().end());
        }
    }
    return result;
}

}  // namespace

void pdu_header(input from) {
    pdu::bhs_bytes bhs{};
    const auto given = from.take(bhs.size());
    std::copy(given.begin(), given.end(), bhs.begin());
    const auto line = pdu::print(bhs);
    must(line.size() < 500 && printable(line), "a header prints in one line");
    if (!pdu::decode_any(bhs)) return;
    const auto zeros = again(filled(bhs[0], std::byte{0}));
    const auto ones = again(filled(bhs[0], std::byte{0xff}));
    const auto encoded = again(bhs);
    for (std::size_t i = 0; i < bhs.size(); ++i) {  // the bits of rows are what they were, the others are constant
        const auto of_rows = zeros[i] ^ ones[i];
        must(encoded[i] == ((bhs[i] & of_rows) | (zeros[i] & ~of_rows)), "decode and encode keep every bit of a row");
    }
}

void pdu_stream(input from) {
    const pdu::digests used{.header = from.flag(), .data = from.flag()};
    const auto limit = from.number(2);
    const auto sizes = from.take(from.below(8));
    pdu::pdu_reader whole(limit, used);
    pdu::pdu_reader in_pieces(limit, used);
    const auto expected = read_all(whole, from.rest(), {});
    must(expected == read_all(in_pieces, from.rest(), sizes), "how a stream arrives does not change what it says");
    for (const auto& one : expected.pdus)
        must(one.size() <= pdu::bhs_size + pdu::max_ahs_size + limit, "data segments keep to the limit");
}

void pdu_frames(input from) {
    const pdu::digests used{.header = from.flag(), .data = from.flag()};
    const auto sizes = from.take(from.below(8));
    const auto flipped = from.number(2);
    std::vector<bytes> sent;
    bytes wire;
    for (int n = 0; n < 3; ++n) {
        pdu::bhs_bytes bhs{};
        const auto ahs = bytes(4 * from.below(5), std::byte{1});
        const auto data = from.take(from.below(600));
        const auto opcode = from.take(1);
        std::copy(opcode.begin(), opcode.end(), bhs.begin());
        const pdu::frame frame(bhs, ahs, data, used);
        for (const auto part : {frame.head(), frame.data(), frame.tail()})
            wire.insert(wire.end(), part.begin(), part.end());
        auto& whole = sent.emplace_back(frame.head().begin(), frame.head().begin() + pdu::bhs_size);
        whole.insert(whole.end(), ahs.begin(), ahs.end());
        whole.insert(whole.end(), data.begin(), data.end());
    }
    pdu::pdu_reader reader(pdu::max_data_segment, used);
    must(read_all(reader, wire, sizes) == seen{sent, {}}, "what a frame carries is what the reader gives");
    if (!used.header || !used.data || flipped == 0) return;
    wire[flipped % wire.size()] ^= std::byte{1};  // CRC32C finds every single bit, and every length that moves a digest
    pdu::pdu_reader doubting(pdu::max_data_segment, used);
    const auto got = read_all(doubting, wire, sizes);
    const auto spoilt = static_cast<std::size_t>(std::ranges::count(got.pdus, bytes{}));
    must(got.pdus.size() - spoilt < sent.size(), "a flipped bit lets no whole stream pass");
    for (std::size_t i = 0; i < got.pdus.size(); ++i)
        must(got.pdus[i].empty() || got.pdus[i] == sent[i], "what passes is what was sent");
}

void pdu_ahs(input from) {
    const auto parsed = pdu::parse_ahs(from.rest());
    must(static_cast<bool>(parsed.error) != parsed.detail.empty() && printable(parsed.detail), "an error has a detail");
    if (parsed.error) return must(parsed.headers == pdu::additional_headers{}, "nothing of a wrong AHS is kept");
    must(parsed.headers.extended_cdb.size() <= from.rest().size(), "no more than was given");
    if (parsed.headers.extended_cdb.size() > pdu::max_extended_cdb) return;
    const auto encoded = pdu::encode_ahs(parsed.headers);
    must(encoded.size() <= from.rest().size(), "an AHS does not grow");
    must(pdu::parse_ahs(encoded).headers == parsed.headers, "an AHS parses back");
}

void pdu_text(input from) {
    const auto parsed = pdu::parse_text(from.rest());
    must(static_cast<bool>(parsed.error) != parsed.detail.empty() && printable(parsed.detail), "an error has a detail");
    if (parsed.error) return must(parsed.keys.empty(), "nothing of a wrong text is kept");
    must(pdu::encode_text(parsed.keys) == bytes(from.rest().begin(), from.rest().end()), "a text is its keys");
    for (const auto& [key, value] : parsed.keys) {
        must(!key.empty() && key.size() <= pdu::max_key_name && printable(key), "key names are short and printable");
        must(pdu::find_key(parsed.keys, key).has_value(), "a key is found");
        const auto shown = pdu::escaped(value, 16);
        must(printable(shown) && shown.size() <= 16 * 4 + 3, "a value can be shown");
    }
}

}  // namespace persiscsi::fuzz
