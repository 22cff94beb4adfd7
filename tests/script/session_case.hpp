// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/script/core_harness.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace persiscsi::test {

/// A core and its target, with commands that read 4 KiB and the ways a target ends them.
struct session_case : testing::Test {
    core_harness target{plain_options()};
    std::vector<std::byte> memory = std::vector<std::byte>(4096);
    int owner = 0;

    pdu::task_tag read(core_harness& from, bool repeatable = true, std::chrono::milliseconds timeout = {}) {
        return from.core.submit({.data_in = memory, .timeout = timeout, .repeatable = repeatable}, &owner, from.now);
    }
    static void give(core_harness& to, pdu::task_tag tag) {
        to.answer(pdu::data_in{.final = true, .has_status = true, .initiator_task_tag = tag}, pattern(4096));
    }
    static void status(core_harness& to, pdu::task_tag tag, std::uint8_t code, std::vector<std::byte> sense = {}) {
        if (!sense.empty()) sense.insert(sense.begin(), {std::byte{0}, static_cast<std::byte>(sense.size())});
        to.answer(
            pdu::scsi_response{.underflow = true, .status = code, .initiator_task_tag = tag, .residual_count = 4096},
            sense);
    }
};

}  // namespace persiscsi::test
