// SPDX-License-Identifier: Apache-2.0
#include "pdu/pdu_reader.hpp"

#include "pdu/digest.hpp"
#include "pdu/errors.hpp"

#include <algorithm>
#include <cassert>
#include <cstdio>
#include <cstring>
#include <functional>
#include <utility>

namespace persiscsi::pdu {
namespace {

/// Holds the longest head (BHS, AHS, digest) many times over: one receive takes in a batch of small PDUs.
constexpr std::size_t staging_size = 64 * 1024;

std::string mismatch(std::uint32_t received, std::uint32_t computed) {
    char text[64];
    std::snprintf(text, sizeof text, "received 0x%08x, computed 0x%08x", received, computed);
    return text;
}

}  // namespace

pdu_reader::pdu_reader(std::uint32_t max_data_segment_length, digests expected)
    : expected_{max_data_segment_length, expected}, in_force_(expected_) {}

void pdu_reader::expect(std::uint32_t max_data_segment_length, digests expected) {
    expected_ = {max_data_segment_length, expected};
}

std::array<std::span<std::byte>, 2> pdu_reader::space() {
    if (!staging_) staging_ = std::make_unique_for_overwrite<std::byte[]>(staging_size);
    if (staged_begin_ == staged_end_) {
        staged_begin_ = staged_end_ = 0;
    } else if (staged_begin_ > staging_size / 2) {
        std::memmove(staging_.get(), staging_.get() + staged_begin_, staged());
        staged_end_ = staged();
        staged_begin_ = 0;
    }
    const auto rest = std::span(staging_.get(), staging_size).subspan(staged_end_);
    if (stage_ == stage::data && staged() == 0) return {target_.subspan(data_filled_), rest};
    return {std::span<std::byte>{}, rest};
}

void pdu_reader::filled(std::size_t count) {
    if (stage_ == stage::data && staged() == 0) {
        const auto direct = std::min(count, target_.size() - data_filled_);
        data_filled_ += direct;
        count -= direct;
    }
    assert(count <= staging_size - staged_end_);
    staged_end_ += count;
}

pdu_reader::step pdu_reader::next() {
    if (stage_ == stage::placing) start_data();
    if (stage_ == stage::finished || stage_ == stage::corrupt) stage_ = stage::header;
    if (stage_ == stage::header && !read_header()) return stage_ == stage::failed ? step::failed : step::need_bytes;
    if (stage_ == stage::ahs) {
        if (!read_ahs()) return stage_ == stage::failed ? step::failed : step::need_bytes;
        return step::header;
    }
    if (stage_ == stage::data && !read_data()) return step::need_bytes;
    if (stage_ == stage::trailer && !read_trailer()) {
        return stage_ == stage::corrupt ? step::corrupt : step::need_bytes;
    }
    return stage_ == stage::finished ? step::pdu : step::failed;
}

void pdu_reader::place_data(std::span<std::byte> target) {
    assert(stage_ == stage::placing && target.size() == data_size_);
    target_ = target;
}

bool pdu_reader::withdraw(std::span<const std::byte> memory) {
    if (stage_ != stage::placing && stage_ != stage::data && stage_ != stage::trailer) return false;
    const auto* const begin = memory.data();
    if (target_.empty() || std::less{}(target_.data(), begin) || !std::less{}(target_.data(), begin + memory.size()))
        return false;
    if (own_data_.size() < data_size_) own_data_.resize(data_size_);
    std::copy_n(target_.begin(), data_filled_, own_data_.begin());
    target_ = std::span(own_data_).first(data_size_);
    return true;
}

const std::byte* pdu_reader::take(std::size_t count) {
    if (staged() < count) return nullptr;
    const auto* bytes = staging_.get() + staged_begin_;
    staged_begin_ += count;
    return bytes;
}

bool pdu_reader::read_header() {
    const auto* bytes = take(bhs_size);
    if (!bytes) return false;
    std::copy_n(bytes, bhs_size, bhs_.begin());
    in_force_ = expected_;
    stage_ = stage::ahs;
    return true;
}

bool pdu_reader::read_ahs() {
    const auto size = ahs_size_of(bhs_);
    const auto* bytes = take(size + (in_force_.digests_used.header ? digest_size : 0));
    if (!bytes) return false;
    ahs_.assign(bytes, bytes + size);
    if (in_force_.digests_used.header) {
        const auto computed = crc32c(ahs_, crc32c(bhs_));
        const auto received = load_digest(bytes + size);
        if (computed != received) {
            end(stage::failed, protocol_errc::remote_header_digest_mismatch, mismatch(received, computed));
            return false;
        }
    }
    data_size_ = data_size_of(bhs_);
    if (data_size_ > in_force_.max_data_segment_length) {
        end(stage::failed,
            protocol_errc::remote_data_segment_too_long,
            std::to_string(data_size_) + " bytes, allowed " + std::to_string(in_force_.max_data_segment_length));
        return false;
    }
    target_ = {};
    data_filled_ = 0;
    stage_ = stage::placing;
    return true;
}

void pdu_reader::start_data() {
    if (target_.size() != data_size_) {
        if (own_data_.size() < data_size_) own_data_.resize(data_size_);
        target_ = std::span(own_data_).first(data_size_);
    }
    stage_ = stage::data;
}

bool pdu_reader::read_data() {
    const auto count = std::min(staged(), target_.size() - data_filled_);
    if (count > 0) {
        std::memcpy(target_.data() + data_filled_, take(count), count);
        data_filled_ += count;
    }
    if (data_filled_ < target_.size()) return false;
    stage_ = stage::trailer;
    return true;
}

bool pdu_reader::read_trailer() {
    const auto padding = padding_of(data_size_);
    const bool has_digest = in_force_.digests_used.data && data_size_ > 0;
    const auto* bytes = take(padding + (has_digest ? digest_size : 0));
    if (!bytes) return false;
    if (has_digest) {
        const auto computed = crc32c({bytes, padding}, crc32c(target_));
        const auto received = load_digest(bytes + padding);
        if (computed != received) {
            end(stage::corrupt, protocol_errc::remote_data_digest_mismatch, mismatch(received, computed));
            return false;
        }
    }
    stage_ = stage::finished;
    return true;
}

void pdu_reader::end(stage how, std::error_code error, std::string detail) {
    error_ = error;
    error_detail_ = std::move(detail);
    stage_ = how;
}

}  // namespace persiscsi::pdu
