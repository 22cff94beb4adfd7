// SPDX-License-Identifier: Apache-2.0
#include "pdu/frame.hpp"

#include "pdu/digest.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace persiscsi::pdu {

frame::frame(bhs_bytes bhs, std::span<const std::byte> ahs, std::span<const std::byte> data, digests digests)
    : data_(data) {
    seal(bhs, ahs, digests);
}

frame::frame(bhs_bytes bhs, std::vector<std::byte> owned_data, digests digests)
    : owned_data_(std::move(owned_data)), data_(owned_data_) {
    seal(bhs, {}, digests);
}

void frame::seal(bhs_bytes bhs, std::span<const std::byte> ahs, digests digests) {
    assert(ahs.size() <= max_ahs_size && ahs.size() % 4 == 0 && data_.size() <= max_data_segment);
    bhs[4] = static_cast<std::byte>(ahs.size() / 4);
    store_be<3>(bhs.data() + 5, data_.size());

    std::byte* head = head_.data();
    head_size_ = bhs_size + ahs.size() + (digests.header ? digest_size : 0);
    if (!ahs.empty()) {
        long_head_.resize(head_size_);
        head = long_head_.data();
    }
    std::copy(bhs.begin(), bhs.end(), head);
    std::copy(ahs.begin(), ahs.end(), head + bhs_size);
    if (digests.header) store_digest(head + bhs_size + ahs.size(), crc32c({head, bhs_size + ahs.size()}));

    if (data_.empty()) return;
    tail_size_ = padding_of(data_.size());
    if (digests.data) {
        store_digest(tail_.data() + tail_size_, crc32c(std::span(tail_).first(tail_size_), crc32c(data_)));
        tail_size_ += digest_size;
    }
}

}  // namespace persiscsi::pdu
