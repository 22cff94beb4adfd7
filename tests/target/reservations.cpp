// SPDX-License-Identifier: Apache-2.0
#include "tests/target/reservations.hpp"

#include "pdu/endian.hpp"

#include <algorithm>
#include <set>

namespace persiscsi::target {
namespace {

constexpr std::uint64_t basic_size = 24;

bool known_type(unsigned type) {
    return type == 1 || type == 3 || (type >= 5 && type <= 8);
}

/// Registrants may do what the type forbids to others; of the types 1 and 3 only the holder may.
bool for_registrants(unsigned type) {
    return type >= 5;
}

bool forbids_reads(unsigned type) {
    return type == 3 || type == 6 || type == 8;
}

unsigned service_action(std::span<const std::byte> cdb) {
    return std::to_integer<unsigned>(cdb[1]) & 0x1fU;
}

std::vector<std::byte> header(std::uint32_t generation, std::size_t rest) {
    std::vector<std::byte> data(8 + rest);
    pdu::store_be<4>(data.data(), generation);
    pdu::store_be<4>(data.data() + 4, rest);
    return data;
}

/// TransportID of iSCSI, format 01b (SPC-4 §7.6.4.6).
std::vector<std::byte> transport_id(const std::string& nexus) {
    std::vector<std::byte> id(4 + std::max<std::size_t>(20, (nexus.size() + 4) / 4 * 4));
    id[0] = std::byte{0x45};
    pdu::store_be<2>(id.data() + 2, id.size() - 4);
    std::transform(nexus.begin(), nexus.end(), id.begin() + 4, [](char c) { return static_cast<std::byte>(c); });
    return id;
}

/// The nexus that a TransportID names, or nothing.
std::string nexus_of(std::span<const std::byte> id) {
    if (id.size() < 4 || id[0] != std::byte{0x45}) return {};
    const auto text = id.subspan(4, std::min<std::size_t>(pdu::load_be<2>(id.data() + 2), id.size() - 4));
    std::string nexus;
    for (const auto byte : text) {
        if (byte == std::byte{0}) return nexus;
        nexus += static_cast<char>(byte);
    }
    return {};
}

}  // namespace

bool reservations::holds(const std::string& nexus) const {
    return type_ != 0 && (all_registrants() ? keys_.contains(nexus) : holder_ == nexus);
}

std::uint64_t reservations::key_of(const std::string& nexus) const {
    const auto found = keys_.find(nexus);
    return found == keys_.end() ? 0 : found->second;
}

bool reservations::conflicts(const std::string& nexus, kind what) const {
    if (what == kind::always) return false;
    if (reserved_by_another(nexus)) return true;
    if (what == kind::looks || type_ == 0 || holds(nexus)) return false;
    if (for_registrants(type_) && keys_.contains(nexus)) return false;
    return what == kind::writes || forbids_reads(type_);
}

scsi_outcome reservations::reserve_6(const std::string& nexus) {
    if (!keys_.empty() || reserved_by_another(nexus)) return sense::reservation_conflict;
    holder_6_ = nexus;
    return sense::good;
}

scsi_outcome reservations::release_6(const std::string& nexus) {
    if (!keys_.empty()) return sense::reservation_conflict;
    forget(nexus);
    return sense::good;
}

void reservations::forget(const std::string& nexus) {
    if (holder_6_ == nexus) holder_6_.clear();
}

std::optional<scsi_outcome> reservations::take_attention(const std::string& nexus) {
    const auto found = attentions_.extract(nexus);
    return found.empty() ? std::nullopt : std::optional(found.mapped());
}

void reservations::tell_others(scsi_outcome told, const std::string& by) {
    for (const auto& [nexus, key] : keys_)
        if (nexus != by) attentions_[nexus] = told;
}

void reservations::release_reservation(scsi_outcome told, const std::string& by) {
    if (for_registrants(type_)) tell_others(told, by);
    type_ = 0;
    holder_.clear();
}

void reservations::unregister(const std::string& nexus) {
    keys_.erase(nexus);
    if (type_ == 0) return;
    if (all_registrants() ? keys_.empty() : holder_ == nexus) release_reservation(sense::reservations_released, nexus);
}

command_plan reservations::in(std::span<const std::byte> cdb) const {
    const auto allocation_length = pdu::load_be<2>(cdb.data() + 7);
    std::vector<std::byte> data;
    switch (service_action(cdb)) {
        case 0x00:  // READ KEYS
            data = header(generation_, 8 * keys_.size());
            for (std::size_t at = 8; const auto& [nexus, key] : keys_) {
                pdu::store_be<8>(data.data() + at, key);
                at += 8;
            }
            break;
        case 0x01:  // READ RESERVATION
            data = header(generation_, type_ != 0 ? 16 : 0);
            if (type_ == 0) break;
            pdu::store_be<8>(data.data() + 8, all_registrants() ? 0 : key_of(holder_));
            data[21] = static_cast<std::byte>(type_);
            break;
        case 0x02:  // REPORT CAPABILITIES
            data.resize(8);
            data[1] = std::byte{8};
            data[3] = std::byte{0x80};  // TMV
            data[4] = std::byte{0xea};
            data[5] = std::byte{0x01};
            break;
        case 0x03:  // READ FULL STATUS
            data = header(generation_, 0);
            for (const auto& [nexus, key] : keys_) {
                const auto id = transport_id(nexus);
                const auto at = data.size();
                data.resize(at + 24);
                pdu::store_be<8>(data.data() + at, key);
                if (holds(nexus)) {
                    data[at + 12] = std::byte{1};
                    data[at + 13] = static_cast<std::byte>(type_);
                }
                pdu::store_be<2>(data.data() + at + 18, 1);
                pdu::store_be<4>(data.data() + at + 20, id.size());
                data.insert(data.end(), id.begin(), id.end());
            }
            pdu::store_be<4>(data.data() + 4, data.size() - 8);
            break;
        default:
            return fails(sense::invalid_field_in_cdb);
    }
    return answers(std::move(data), allocation_length);
}

command_plan reservations::plan_out(const command_request& request) {
    const auto cdb = request.cdb;
    const auto action = service_action(cdb);
    const auto type = std::to_integer<unsigned>(cdb[2]);
    const bool typed = action == 0x01 || action == 0x02 || action == 0x04 || action == 0x05;
    const auto length = pdu::load_be<4>(cdb.data() + 5);
    if (action > 0x07) return fails(sense::invalid_field_in_cdb);
    if (typed && (type >> 4U != 0 || !known_type(type & 0xfU))) return fails(sense::invalid_field_in_cdb);
    if (action == 0x07 ? length < basic_size : length != basic_size) return fails(sense::parameter_list_length);
    return collects(length);
}

scsi_outcome reservations::out(const command_request& request, std::span<const std::byte> list) {
    if (list.size() < basic_size) return sense::parameter_list_length;
    const auto& nexus = request.nexus;
    const auto action = service_action(request.cdb);
    const auto type = std::to_integer<unsigned>(request.cdb[2]) & 0xfU;
    const auto key = pdu::load_be<8>(list.data());
    const auto service_action_key = pdu::load_be<8>(list.data() + 8);
    const bool ignores_key = action == 0x06;
    if (reserved_by_another(nexus)) return sense::reservation_conflict;
    if (!ignores_key && key != key_of(nexus)) return sense::reservation_conflict;
    const bool registers = action == 0x00 || action == 0x06;
    if (!registers && !keys_.contains(nexus)) return sense::reservation_conflict;
    // SPEC_I_PT, ALL_TG_PT, APTPL: see our capabilities. Of REGISTER AND MOVE the byte is part of a length.
    if (action != 0x07 && (list[20] & std::byte{0x0d}) != std::byte{0}) return sense::invalid_field_in_parameters;
    switch (action) {
        case 0x00:
        case 0x06:
            return register_key(nexus, service_action_key);
        case 0x01:
            return reserve(nexus, type);
        case 0x02:
            return release(nexus, type);
        case 0x03:
            return clear(nexus);
        case 0x07:
            return move(nexus, service_action_key, list);
        default:
            return preempt(nexus, type, service_action_key);
    }
}

scsi_outcome reservations::register_key(const std::string& nexus, std::uint64_t new_key) {
    if (new_key == 0 && !keys_.contains(nexus)) return sense::good;
    ++generation_;
    if (new_key == 0)
        unregister(nexus);
    else
        keys_[nexus] = new_key;
    return sense::good;
}

scsi_outcome reservations::reserve(const std::string& nexus, unsigned type) {
    if (type_ != 0) return holds(nexus) && type == type_ ? sense::good : sense::reservation_conflict;
    type_ = type;
    if (!all_registrants()) holder_ = nexus;
    return sense::good;
}

scsi_outcome reservations::release(const std::string& nexus, unsigned type) {
    if (!holds(nexus)) return sense::good;
    if (type != type_) return sense::invalid_release;
    release_reservation(sense::reservations_released, nexus);
    return sense::good;
}

scsi_outcome reservations::clear(const std::string& nexus) {
    ++generation_;
    tell_others(sense::reservations_preempted, nexus);
    keys_.clear();
    type_ = 0;
    holder_.clear();
    return sense::good;
}

scsi_outcome reservations::preempt(const std::string& nexus, unsigned type, std::uint64_t victim) {
    const bool of_holder = type_ != 0 && (all_registrants() ? victim == 0 : victim == key_of(holder_));
    if (victim == 0 && !of_holder) return sense::invalid_field_in_parameters;
    std::set<std::string> gone;
    for (const auto& [other, key] : keys_)
        if (other != nexus && (victim == 0 || key == victim)) gone.insert(other);
    if (gone.empty() && !of_holder) return sense::reservation_conflict;
    ++generation_;
    for (const auto& other : gone) {
        keys_.erase(other);
        attentions_[other] = sense::registrations_preempted;
    }
    if (!of_holder) {
        if (all_registrants() && keys_.empty()) type_ = 0;
        return sense::good;
    }
    if (type_ != type) tell_others(sense::reservations_released, nexus);
    type_ = type;
    holder_ = all_registrants() ? "" : nexus;
    return sense::good;
}

scsi_outcome reservations::move(const std::string& nexus, std::uint64_t key, std::span<const std::byte> list) {
    const auto id_size = pdu::load_be<4>(list.data() + 20);
    if (id_size > list.size() - basic_size) return sense::parameter_list_length;
    const auto to = nexus_of(list.subspan(basic_size, id_size));
    if (type_ == 0 || all_registrants() || holder_ != nexus) return sense::reservation_conflict;
    if (key == 0 || to.empty() || to == nexus) return sense::invalid_field_in_parameters;
    ++generation_;
    keys_[to] = key;
    holder_ = to;
    const bool unregisters = (list[17] & std::byte{2}) != std::byte{0};
    if (unregisters) keys_.erase(nexus);
    return sense::good;
}

}  // namespace persiscsi::target
