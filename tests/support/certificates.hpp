// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

namespace persiscsi::test {

/// PEM files of one certificate and its key.
struct certificate_files {
    std::string certificate;
    std::string key;
};

/// An authority that lives as long as a test: its certificates are made on the spot, into a directory of the test's.
class certificate_authority {
  public:
    using hours = std::chrono::hours;

    certificate_authority(std::filesystem::path directory, const std::string& name);

    /// PEM file of the authority's own certificate.
    [[nodiscard]] const std::string& file() const { return files_.certificate; }

    /// A certificate with these names ("DNS:disk.example,IP:127.0.0.1"), valid between the two ages counted from now.
    [[nodiscard]] certificate_files issue(const std::string& name,
                                          const std::string& alternative_names,
                                          hours from = hours(-1),
                                          hours until = hours(24));

  private:
    struct deleter {
        void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
        void operator()(X509* certificate) const { X509_free(certificate); }
    };
    using key_pointer = std::unique_ptr<EVP_PKEY, deleter>;
    using certificate_pointer = std::unique_ptr<X509, deleter>;

    [[nodiscard]] certificate_pointer make(const std::string& name, EVP_PKEY& of, hours from, hours until);
    void add(X509& certificate, int extension, const std::string& value) const;
    void sign(X509& certificate) const;
    [[nodiscard]] certificate_files write(const std::string& name, X509& certificate, EVP_PKEY& key) const;

    std::filesystem::path directory_;
    key_pointer key_;
    certificate_pointer certificate_;
    certificate_files files_;
    long serial_ = 0;
};

}  // namespace persiscsi::test
