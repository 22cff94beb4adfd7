// SPDX-License-Identifier: Apache-2.0
#include "tests/target/ram_store.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <limits>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace persiscsi::target {
namespace {

class owned_descriptor {
  public:
    explicit owned_descriptor(int number) : number_(number) {}
    ~owned_descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    owned_descriptor(const owned_descriptor&) = delete;
    owned_descriptor& operator=(const owned_descriptor&) = delete;
    [[nodiscard]] int number() const { return number_; }

  private:
    int number_;
};

[[noreturn]] void fail(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

std::string file_name(std::string_view target, std::uint64_t lun) {
    std::string name(target);
    std::replace(name.begin(), name.end(), '/', '_');
    return name + "." + std::to_string(lun) + ".img";
}

}  // namespace

ram_store::~ram_store() {
    for (const auto& [name, memory] : volumes_) ::munmap(memory.data(), memory.size());
}

std::span<std::byte> ram_store::volume(std::string_view target, std::uint64_t lun, std::uint64_t bytes) {
    const auto name = file_name(target, lun);
    const std::lock_guard lock(mutex_);
    auto found = volumes_.find(name);
    if (found == volumes_.end()) found = volumes_.emplace(name, map(name, bytes)).first;
    if (found->second.size() != bytes)
        throw std::invalid_argument("volume " + name + " has " + std::to_string(found->second.size()) +
                                    " bytes, wanted " + std::to_string(bytes));
    return found->second;
}

std::span<std::byte> ram_store::map(const std::string& name, std::uint64_t bytes) const {
    if (bytes == 0 || bytes > static_cast<std::uint64_t>(std::numeric_limits<off_t>::max()))
        throw std::invalid_argument("volume " + name + ": " + std::to_string(bytes) + " bytes are not possible");
    const bool in_file = !directory_.empty();
    const auto path = directory_ / name;
    const owned_descriptor file(in_file ? ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1);
    if (in_file) {
        if (file.number() < 0) fail("open " + path.string());
        struct stat now {};
        if (::fstat(file.number(), &now) != 0) fail("stat " + path.string());
        if (now.st_size != 0 && static_cast<std::uint64_t>(now.st_size) != bytes)
            throw std::invalid_argument("volume " + path.string() + " has " + std::to_string(now.st_size) +
                                        " bytes, wanted " + std::to_string(bytes));
        if (::ftruncate(file.number(), static_cast<off_t>(bytes)) != 0) fail("resize " + path.string());
    }
    const int sharing = in_file ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, sharing, file.number(), 0);
    if (memory == MAP_FAILED) fail("map " + std::to_string(bytes) + " bytes for " + name);
    return {static_cast<std::byte*>(memory), bytes};
}

}  // namespace persiscsi::target
