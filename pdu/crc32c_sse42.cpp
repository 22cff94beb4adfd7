// SPDX-License-Identifier: Apache-2.0
// Compiled with -msse4.2 (pdu/CMakeLists.txt).
#if defined(__x86_64__)

#include "pdu/crc32c_three_way.hpp"
#include "pdu/crc32c_variants.hpp"

#include <cstring>
#include <nmmintrin.h>

namespace persiscsi::pdu {
namespace {

struct crc32_instruction {
    static std::uint32_t step8(std::uint32_t state, const std::byte* bytes) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes, sizeof word);
        return static_cast<std::uint32_t>(_mm_crc32_u64(state, word));
    }
    static std::uint32_t step1(std::uint32_t state, const std::byte* byte) {
        return _mm_crc32_u8(state, static_cast<unsigned char>(*byte));
    }
};

}  // namespace

bool crc32c_sse42_supported() {
    __builtin_cpu_init();
    return __builtin_cpu_supports("sse4.2") != 0;
}

std::uint32_t crc32c_extend_sse42(std::uint32_t state, const std::byte* bytes, std::size_t size) {
    return extend_by<crc32_instruction>(state, bytes, size);
}

}  // namespace persiscsi::pdu

#endif
