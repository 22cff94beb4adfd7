// SPDX-License-Identifier: Apache-2.0
#include "initiator/scsi/log_pages.hpp"

#include "initiator/scsi/cdb_fields.hpp"
#include "initiator/scsi/reply.hpp"

namespace persiscsi::scsi {
namespace {

constexpr const char* name = "LOG SENSE";
constexpr std::size_t header_size = 4;
constexpr std::size_t parameter_header_size = 4;
constexpr std::uint8_t with_subpage = 0x40;  // SPF

unsigned page_byte(log_values values, std::uint8_t page) {
    assert(page < 0x40);
    return static_cast<unsigned>(values) << 6U | page;
}

}  // namespace

cdb log_sense(const log_query& what, std::uint16_t allocation_length) {
    auto made = make_cdb(0x4d, 10);
    set_if(what.save, made, 0);
    put<2, 1>(made, page_byte(what.values, what.page));
    put<3, 1>(made, what.subpage);
    put<5, 2>(made, what.first_parameter);
    put<7, 2>(made, allocation_length);
    return made;
}

cdb log_select(const log_change& what, std::uint16_t parameter_list_length) {
    auto made = make_cdb(0x4c, 10);
    set_if(what.reset, made, 1);
    set_if(what.save, made, 0);
    put<2, 1>(made, page_byte(what.values, what.page));
    put<3, 1>(made, what.subpage);
    put<7, 2>(made, parameter_list_length);
    return made;
}

parsed<log_page> parse_log_page(std::span<const std::byte> reply) {
    if (reply.size() < header_size) return too_short<log_page>(name, reply.size(), header_size);
    const auto length = number_at<2>(reply, 2);
    const auto bytes = part_of(reply, header_size, length);
    return {.value = {.page = static_cast<std::uint8_t>(byte_at(reply, 0) & 0x3fU),
                      .subpage = bit_at(reply, 0, 6) ? byte_at(reply, 1) : std::uint8_t{0},
                      .bytes = {bytes.begin(), bytes.end()},
                      .whole_size = header_size + length}};
}

parsed<std::vector<log_parameter>> parse_log_parameters(std::span<const std::byte> reply) {
    using result = std::vector<log_parameter>;
    const auto page = parse_log_page(reply);
    if (page.error) return {.error = page.error, .detail = page.detail};
    const bool whole = reply.size() >= page.value.whole_size;
    parsed<result> found;
    for (std::span<const std::byte> rest = page.value.bytes; !rest.empty();) {
        const auto size = number_at<1>(rest, 3);
        if (rest.size() < parameter_header_size || size > rest.size() - parameter_header_size) {
            if (!whole) break;
            return malformed<result>(std::string(name) + ": a parameter of " + std::to_string(size) + " bytes with " +
                                     std::to_string(rest.size()) + " left");
        }
        const auto value = rest.subspan(parameter_header_size, size);
        found.value.push_back({.code = static_cast<std::uint16_t>(number_at<2>(rest, 0)),
                               .control = byte_at(rest, 2),
                               .value = {value.begin(), value.end()}});
        rest = rest.subspan(parameter_header_size + size);
    }
    return found;
}

parsed<std::vector<std::uint8_t>> parse_supported_log_pages(std::span<const std::byte> reply) {
    using result = std::vector<std::uint8_t>;
    const auto page = parse_log_page(reply);
    if (page.error) return {.error = page.error, .detail = page.detail};
    if (page.value.page != 0)
        return malformed<result>(std::string(name) + ": the reply is of page " + std::to_string(page.value.page) +
                                 ", not 0");
    parsed<result> found;
    for (const auto code : page.value.bytes)
        found.value.push_back(static_cast<std::uint8_t>(std::to_integer<unsigned>(code) & 0x3fU));
    return found;
}

std::vector<std::byte> log_parameter_list(std::uint8_t page,
                                          std::uint8_t subpage,
                                          std::span<const log_parameter> parameters) {
    assert(page < 0x40);
    std::vector<std::byte> list(header_size);
    for (const auto& [code, control, value] : parameters) {
        assert(value.size() <= 0xff);
        const auto at = list.size();
        list.resize(at + parameter_header_size);
        pdu::store_be<2>(list.data() + at, code);
        pdu::store_be<1>(list.data() + at + 2, control);
        pdu::store_be<1>(list.data() + at + 3, value.size());
        list.insert(list.end(), value.begin(), value.end());
    }
    pdu::store_be<1>(list.data(), page | (subpage != 0 ? with_subpage : 0U));
    pdu::store_be<1>(list.data() + 1, subpage);
    pdu::store_be<2>(list.data() + 2, list.size() - header_size);
    return list;
}

}  // namespace persiscsi::scsi
