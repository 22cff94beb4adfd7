// SPDX-License-Identifier: Apache-2.0
#include "initiator/scsi/persistent_reserve_out.hpp"

#include "initiator/scsi/cdb_fields.hpp"

namespace persiscsi::scsi {
namespace {

constexpr std::size_t basic_size = 24;

std::vector<std::byte> with_keys(reservation_key key, reservation_key service_action) {
    std::vector<std::byte> list(basic_size);
    pdu::store_be<8>(list.data(), static_cast<std::uint64_t>(key));
    pdu::store_be<8>(list.data() + 8, static_cast<std::uint64_t>(service_action));
    return list;
}

}  // namespace

cdb persistent_reserve_out(reserve_out_action action, reservation_type type, std::uint32_t parameter_list_length) {
    auto made = make_cdb(0x5f, 10, static_cast<std::uint8_t>(action));
    put<2, 1>(made, static_cast<std::uint64_t>(type));
    put<5, 4>(made, parameter_list_length);
    return made;
}

std::vector<std::byte> reserve_parameter_list(const reserve_parameters& what,
                                              std::span<const std::vector<std::byte>> transport_ids) {
    auto list = with_keys(what.key, what.service_action);
    const bool others = !transport_ids.empty();
    pdu::store_be<1>(list.data() + 20,
                     (others ? 0x08U : 0U) | (what.all_target_ports ? 0x04U : 0U) | (what.persist ? 0x01U : 0U));
    if (!others) return list;
    list.resize(basic_size + 4);
    for (const auto& id : transport_ids) list.insert(list.end(), id.begin(), id.end());
    pdu::store_be<4>(list.data() + basic_size, list.size() - basic_size - 4);
    return list;
}

std::vector<std::byte> reserve_move_list(const move_parameters& what, std::span<const std::byte> transport_id) {
    auto list = with_keys(what.key, what.service_action);
    pdu::store_be<1>(list.data() + 17, (what.unregister ? 0x02U : 0U) | (what.persist ? 0x01U : 0U));
    pdu::store_be<2>(list.data() + 18, what.relative_target_port);
    pdu::store_be<4>(list.data() + 20, transport_id.size());
    list.insert(list.end(), transport_id.begin(), transport_id.end());
    return list;
}

}  // namespace persiscsi::scsi
