// SPDX-License-Identifier: Apache-2.0
// Compiled with -march=armv8-a+crc (pdu/CMakeLists.txt).
#if defined(__aarch64__)

#include "pdu/crc32c_three_way.hpp"
#include "pdu/crc32c_variants.hpp"

#include <arm_acle.h>
#include <asm/hwcap.h>
#include <cstring>
#include <sys/auxv.h>

namespace persiscsi::pdu {
namespace {

struct crc32c_instruction {
    static std::uint32_t step8(std::uint32_t state, const std::byte* bytes) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        word = __builtin_bswap64(word);
#endif
        return __crc32cd(state, word);
    }
    static std::uint32_t step1(std::uint32_t state, const std::byte* byte) {
        return __crc32cb(state, static_cast<unsigned char>(*byte));
    }
};

}  // namespace

bool crc32c_arm64_supported() {
    return (getauxval(AT_HWCAP) & HWCAP_CRC32) != 0;
}

std::uint32_t crc32c_extend_arm64(std::uint32_t state, const std::byte* bytes, std::size_t size) {
    return extend_by<crc32c_instruction>(state, bytes, size);
}

}  // namespace persiscsi::pdu

#endif
