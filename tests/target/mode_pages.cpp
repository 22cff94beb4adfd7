// SPDX-License-Identifier: Apache-2.0
#include "tests/target/mode_pages.hpp"

#include "pdu/endian.hpp"

#include <algorithm>
#include <limits>

namespace persiscsi::target {
namespace {

using bytes = std::vector<std::byte>;
constexpr unsigned caching = 0x08, control = 0x0a, all_pages = 0x3f;
constexpr std::size_t descriptor_size = 8;

bool is_ten(std::span<const std::byte> cdb) {
    return (cdb[0] & std::byte{0x40}) != std::byte{0};  // 55h, 5Ah
}

bool bit(std::span<const std::byte> from, std::size_t at, unsigned number) {
    return (std::to_integer<unsigned>(from[at]) >> number & 1U) != 0;
}

bytes block_descriptor(const mode_pages::medium& of) {
    bytes data(descriptor_size);
    pdu::store_be<4>(data.data(), std::min<std::uint64_t>(of.blocks, std::numeric_limits<std::uint32_t>::max()));
    pdu::store_be<4>(data.data() + 4, of.block_size);
    return data;
}

bytes header(bool ten, std::size_t body, bool descriptor, bool read_only) {
    const unsigned device = 0x10U | (read_only ? 0x80U : 0U);  // DPOFUA, WP
    bytes data(ten ? 8 : 4);
    pdu::store_be<1>(data.data() + (ten ? 3 : 2), device);
    pdu::store_be<1>(data.data() + (ten ? 7 : 3), descriptor ? descriptor_size : 0);
    if (ten)
        pdu::store_be<2>(data.data(), body + 6);
    else
        pdu::store_be<1>(data.data(), body + 3);
    return data;
}

}  // namespace

bytes mode_pages::page(unsigned code, bool changeable) const {
    bytes data(code == caching ? 20 : 12);
    data[0] = static_cast<std::byte>(code);
    data[1] = static_cast<std::byte>(data.size() - 2);
    if (code == caching && (changeable || write_cache_)) data[2] = std::byte{0x04};
    if (code == control && !changeable) data[3] = std::byte{0x10};  // unrestricted reordering
    if (code == control && (changeable || software_write_protect_)) data[4] = std::byte{0x08};
    return data;
}

command_plan mode_pages::sense(std::span<const std::byte> cdb, const medium& of) const {
    const bool ten = is_ten(cdb);
    const auto wanted = std::to_integer<unsigned>(cdb[2] & std::byte{0x3f});
    const auto values = std::to_integer<unsigned>(cdb[2] >> 6U);
    const bool descriptor = !bit(cdb, 1, 3);
    if (values == 3) return fails(sense::saving_not_supported);
    const bool known = wanted == caching || wanted == control || wanted == all_pages;
    if (!known || (cdb[3] != std::byte{0} && cdb[3] != std::byte{0xff})) return fails(sense::invalid_field_in_cdb);

    bytes body;
    if (descriptor) body = block_descriptor(of);
    const mode_pages presets;
    for (const unsigned code : {caching, control}) {
        if (wanted != code && wanted != all_pages) continue;
        const auto part = (values == 2 ? presets : *this).page(code, values == 1);
        body.insert(body.end(), part.begin(), part.end());
    }
    auto data = header(ten, body.size(), descriptor, of.read_only || software_write_protect_);
    data.insert(data.end(), body.begin(), body.end());
    return answers(std::move(data), ten ? pdu::load_be<2>(cdb.data() + 7) : pdu::load_be<1>(cdb.data() + 4));
}

command_plan mode_pages::plan_select(std::span<const std::byte> cdb) {
    const bool page_format = bit(cdb, 1, 4), save = bit(cdb, 1, 0);
    if (!page_format || save) return fails(sense::invalid_field_in_cdb);
    const auto length = is_ten(cdb) ? pdu::load_be<2>(cdb.data() + 7) : pdu::load_be<1>(cdb.data() + 4);
    if (length == 0) return {};
    return length < (is_ten(cdb) ? 8U : 4U) ? fails(sense::parameter_list_length) : collects(length);
}

scsi_outcome mode_pages::select(std::span<const std::byte> cdb, std::span<const std::byte> list, const medium& of) {
    const std::size_t header_size = is_ten(cdb) ? 8 : 4;
    if (list.size() < header_size) return sense::parameter_list_length;
    const auto descriptors = is_ten(cdb) ? pdu::load_be<2>(list.data() + 6) : pdu::load_be<1>(list.data() + 3);
    if (descriptors != 0 && descriptors != descriptor_size) return sense::invalid_field_in_parameters;
    if (list.size() < header_size + descriptors) return sense::parameter_list_length;
    if (descriptors != 0 && pdu::load_be<3>(list.data() + header_size + 5) != of.block_size)
        return sense::invalid_field_in_parameters;
    auto changed = *this;  // all of it or nothing
    for (auto rest = list.subspan(header_size + descriptors); !rest.empty();) {
        if (rest.size() < 2) return sense::parameter_list_length;
        const auto size = 2 + std::to_integer<std::size_t>(rest[1]);
        if (size > rest.size()) return sense::parameter_list_length;
        if (!changed.change(std::to_integer<unsigned>(rest[0]), rest.first(size)))
            return sense::invalid_field_in_parameters;
        rest = rest.subspan(size);
    }
    *this = changed;
    return sense::good;
}

/// False where the page is not ours, or a bit differs that cannot be changed.
bool mode_pages::change(unsigned code, std::span<const std::byte> to) {
    if (code != caching && code != control) return false;
    const auto now = page(code, false), mask = page(code, true);
    if (to.size() != now.size()) return false;
    for (std::size_t i = 2; i < now.size(); ++i)
        if ((to[i] & ~mask[i]) != (now[i] & ~mask[i])) return false;
    if (code == caching)
        write_cache_ = bit(to, 2, 2);
    else
        software_write_protect_ = bit(to, 4, 3);
    return true;
}

}  // namespace persiscsi::target
