// SPDX-License-Identifier: Apache-2.0
#include "tests/support/certificates.hpp"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <stdexcept>
#include <sys/stat.h>
#include <utility>

namespace persiscsi::test {
namespace {

void check(bool done, const char* what) {
    if (!done) throw std::runtime_error(std::string("test certificate: ") + what);
}

struct file_closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using file_pointer = std::unique_ptr<std::FILE, file_closer>;

file_pointer open_new(const std::string& path, mode_t mode) {
    file_pointer file(std::fopen(path.c_str(), "w"));
    check(file != nullptr && ::chmod(path.c_str(), mode) == 0, path.c_str());
    return file;
}

}  // namespace

certificate_authority::certificate_authority(std::filesystem::path directory, const std::string& name)
    : directory_(std::move(directory)), key_(EVP_EC_gen("P-256")) {
    check(key_ != nullptr, "key");
    certificate_ = make(name, *key_, hours(-24 * 365), hours(24));
    add(*certificate_, NID_basic_constraints, "critical,CA:TRUE");
    sign(*certificate_);
    files_ = write(name, *certificate_, *key_);
}

certificate_files certificate_authority::issue(const std::string& name,
                                               const std::string& alternative_names,
                                               hours from,
                                               hours until) {
    const key_pointer key(EVP_EC_gen("P-256"));
    check(key != nullptr, "key");
    const auto certificate = make(name, *key, from, until);
    add(*certificate, NID_basic_constraints, "CA:FALSE");
    if (!alternative_names.empty()) add(*certificate, NID_subject_alt_name, alternative_names);
    sign(*certificate);
    return write(name, *certificate, *key);
}

certificate_authority::certificate_pointer certificate_authority::make(const std::string& name,
                                                                       EVP_PKEY& of,
                                                                       hours from,
                                                                       hours until) {
    certificate_pointer made(X509_new());
    check(made != nullptr, "certificate");
    X509_set_version(made.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), ++serial_);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), std::chrono::seconds(from).count());
    X509_gmtime_adj(X509_getm_notAfter(made.get()), std::chrono::seconds(until).count());
    X509_set_pubkey(made.get(), &of);
    auto* const subject = X509_get_subject_name(made.get());
    const auto* text = reinterpret_cast<const unsigned char*>(name.c_str());
    check(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, text, -1, -1, 0) == 1, "name");
    X509_set_issuer_name(made.get(), certificate_ ? X509_get_subject_name(certificate_.get()) : subject);
    return made;
}

void certificate_authority::add(X509& certificate, int extension, const std::string& value) const {
    auto* const made = X509V3_EXT_conf_nid(nullptr, nullptr, extension, value.c_str());
    check(made != nullptr && X509_add_ext(&certificate, made, -1) == 1, value.c_str());
    X509_EXTENSION_free(made);
}

void certificate_authority::sign(X509& certificate) const {
    check(X509_sign(&certificate, key_.get(), EVP_sha256()) > 0, "signature");
}

certificate_files certificate_authority::write(const std::string& name, X509& certificate, EVP_PKEY& key) const {
    const certificate_files files{directory_ / (name + ".pem"), directory_ / (name + ".key")};
    check(PEM_write_X509(open_new(files.certificate, 0644).get(), &certificate) == 1, "certificate file");
    check(PEM_write_PrivateKey(open_new(files.key, 0600).get(), &key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
          "key file");
    return files;
}

}  // namespace persiscsi::test
