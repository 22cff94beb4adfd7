// SPDX-License-Identifier: Apache-2.0
#include "persistence/seal_key.hpp"

#include "persistence/errors.hpp"
#include "persistence/files.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>

namespace persiscsi::persistence {
namespace {

constexpr std::size_t key_bytes = 32;
constexpr std::size_t nonce_bytes = 12;
constexpr std::size_t tag_bytes = 16;
constexpr std::size_t id_bytes = 8;
constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view load_operation = "read key file";

const unsigned char* octets(std::string_view text) {
    return static_cast<const unsigned char*>(static_cast<const void*>(text.data()));
}

unsigned char* octets(std::string& text) {
    return static_cast<unsigned char*>(static_cast<void*>(text.data()));
}

struct cipher_closer {
    void operator()(EVP_CIPHER_CTX* cipher) const noexcept { EVP_CIPHER_CTX_free(cipher); }
};
using cipher_state = std::unique_ptr<EVP_CIPHER_CTX, cipher_closer>;

void require(bool done, std::string_view what) {
    if (!done) throw store_error(store_errc::io, what, {}, "OpenSSL refused");
}

std::string random_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    require(RAND_priv_bytes(octets(bytes), static_cast<int>(count)) == 1, "draw random bytes");
    return bytes;
}

// Cipher set up with key, nonce and the bound text; direction 1 seals, 0 unseals.
cipher_state start(const secret& key, std::string_view nonce, std::string_view bound_to, int direction) {
    cipher_state cipher(EVP_CIPHER_CTX_new());
    require(cipher != nullptr, "seal secret");
    int ignored = 0;
    require(EVP_CipherInit_ex(
                cipher.get(), EVP_aes_256_gcm(), nullptr, octets(key.reveal()), octets(nonce), direction) == 1,
            "seal secret");
    require(EVP_CipherUpdate(cipher.get(), nullptr, &ignored, octets(bound_to), static_cast<int>(bound_to.size())) == 1,
            "seal secret");
    return cipher;
}

std::optional<secret> key_from_hex(std::string_view text) {
    if (!text.empty() && text.back() == '\n') text.remove_suffix(1);
    if (text.size() != 2 * key_bytes) return std::nullopt;
    std::string key(key_bytes, '\0');
    bool valid = true;
    for (std::size_t index = 0; index < text.size(); ++index) {
        const auto digit = hex_digits.find(text[index]);
        valid = valid && digit != std::string_view::npos;
        auto& byte = octets(key)[index / 2];
        byte = static_cast<unsigned char>((std::size_t{byte} << 4U) | (digit & 0xfU));
    }
    auto taken = secret::take(key);
    return valid ? std::optional(std::move(taken)) : std::nullopt;
}

void check_rights(const descriptor& source, const std::filesystem::path& file) {
    struct stat status {};
    if (fstat(source.number(), &status) != 0) throw system_failure(errno, load_operation, file.native());
    const unsigned rights = status.st_mode & 0777U;
    if ((rights & 0077U) == 0) return;
    const std::string octal{static_cast<char>('0' + (rights >> 6U)),
                            static_cast<char>('0' + ((rights >> 3U) & 7U)),
                            static_cast<char>('0' + (rights & 7U))};
    throw store_error(
        store_errc::permission, load_operation, file.native(), "mode 0" + octal + " lets others in, 0600 expected");
}

}  // namespace

seal_key::seal_key(secret key) : key_(std::move(key)) {
    constexpr std::string_view label = "persiscsi seal key id";
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    const auto clear = key_.reveal();
    require(HMAC(EVP_sha256(),
                 clear.data(),
                 static_cast<int>(clear.size()),
                 octets(label),
                 label.size(),
                 digest.data(),
                 &size) != nullptr,
            "name seal key");
    id_.bytes.assign(digest.begin(), digest.begin() + id_bytes);
}

std::optional<seal_key> seal_key::load(const std::filesystem::path& file) {
    if (access(file.c_str(), F_OK) != 0 && errno == ENOENT) return std::nullopt;
    const auto source = open_file(file, O_RDONLY, 0, load_operation);
    check_rights(source, file);
    auto content = read_small_file(source, file, 2 * key_bytes + 1, load_operation);
    const auto hex = secret::take(content);
    auto key = key_from_hex(hex.reveal());
    if (!key) throw store_error(store_errc::damaged, load_operation, file.native(), "64 hex digits expected");
    return seal_key(*std::move(key));
}

void seal_key::create(const std::filesystem::path& file) {
    auto bytes = random_bytes(key_bytes);
    const auto key = secret::take(bytes);
    std::string text;
    text.reserve(2 * key_bytes + 1);  // no reallocation may leave a copy behind
    for (const char character : key.reveal()) {
        const auto byte = static_cast<unsigned char>(character);
        (text += hex_digits[byte >> 4U]) += hex_digits[byte & 0xfU];
    }
    text += '\n';
    const auto hex = secret::take(text);
    create_durable_file(file, hex.reveal(), "create key file");
}

blob seal_key::seal(const secret& clear, std::string_view bound_to) const {
    auto out = random_bytes(nonce_bytes);
    const auto cipher = start(key_, out, bound_to, 1);
    out.resize(nonce_bytes + clear.size() + tag_bytes);
    int written = 0;
    require(EVP_CipherUpdate(cipher.get(),
                             octets(out) + nonce_bytes,
                             &written,
                             octets(clear.reveal()),
                             static_cast<int>(clear.size())) == 1 &&
                EVP_CipherFinal_ex(cipher.get(), octets(out) + nonce_bytes + written, &written) == 1 &&
                EVP_CIPHER_CTX_ctrl(
                    cipher.get(), EVP_CTRL_AEAD_GET_TAG, tag_bytes, octets(out) + nonce_bytes + clear.size()) == 1,
            "seal secret");
    return blob{std::move(out)};
}

std::optional<secret> seal_key::unseal(const blob& sealed, std::string_view bound_to) const {
    const std::string_view bytes = sealed.bytes;
    if (bytes.size() < nonce_bytes + tag_bytes) return std::nullopt;
    const auto body = bytes.substr(nonce_bytes, bytes.size() - nonce_bytes - tag_bytes);
    std::string tag(bytes.substr(bytes.size() - tag_bytes));
    const auto cipher = start(key_, bytes.substr(0, nonce_bytes), bound_to, 0);
    std::string clear(body.size() + 1, '\0');  // never empty: EVP wants somewhere to point at
    int written = 0;
    int rest = 0;
    const bool fits =
        EVP_CipherUpdate(cipher.get(), octets(clear), &written, octets(body), static_cast<int>(body.size())) == 1 &&
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_SET_TAG, tag_bytes, tag.data()) == 1 &&
        EVP_CipherFinal_ex(cipher.get(), octets(clear) + written, &rest) == 1;
    secret opened(std::string_view(clear).substr(0, body.size()));
    OPENSSL_cleanse(clear.data(), clear.size());
    if (!fits) return std::nullopt;
    return opened;
}

}  // namespace persiscsi::persistence
