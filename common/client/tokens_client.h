// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/uid.h"
#include "common/client/operation.h"
#include "common/token/token_id.h"

#include <string>
#include <vector>

namespace patd::client {

struct Explanation {
    std::string outcome;
    std::vector<Dictionary> candidates;
};

// What Admin.Restore answers.
struct Restoration {
    Dictionary result;
    std::vector<Dictionary> dead;
};

// org.patd.Tokens1, typed: org.patd.Tokens1.xml documents what each method takes and gives, member
// for member. Errors are the service's, or those of Connection. A begin_* starts an Operation,
// which may outlive this object. Thread rule: one thread at a time.
class TokensClient {
  public:
    explicit TokensClient(Connection connection) : connection_(std::move(connection)) {}
    // The service on the system bus, with its owner checked (Connection::open_system).
    static Result<TokensClient> open();
    // The user's own service on the session bus (Connection::open_session).
    static Result<TokensClient> open_session();

    // As Connection::give_up_at, for operations that begin after it too.
    void give_up_at(int fd) { connection_.give_up_at(fd); }

    Result<Operation> begin_create(const std::string& description,
                                   const std::vector<std::string>& permissions,
                                   const Dictionary& options);
    Result<Operation> begin_import(const std::string& description, const Dictionary& options);
    Result<Operation> begin_import_many(const std::vector<Dictionary>& tokens);
    Result<Operation> begin_remove_all();
    Result<Operation> begin_unlock(const Dictionary& options);
    Result<Operation> begin_set_service_password();
    Result<Operation> begin_verify(const Dictionary& options);
    Result<Operation> begin_update(const TokenId& id, const Dictionary& changes);
    Result<Operation> begin_regenerate(const TokenId& id, const Dictionary& options);
    Result<Operation> begin_delete(const TokenId& id);

    Result<std::vector<Dictionary>> list();
    Result<Dictionary> show(const TokenId& id);
    Result<Explanation> explain(const std::string& url, const Dictionary& options);
    Result<std::vector<Dictionary>> list_events(const Dictionary& options);
    Result<Dictionary> status();
    Result<std::vector<Dictionary>> list_permissions();
    Result<void> lock();
    // The caller keeps `listener`. Returns the exposure's id.
    Result<std::string> open_exposure(int listener, const Dictionary& options);
    Result<std::vector<Dictionary>> list_exposures();
    Result<void> cut(const std::string& exposure);

    Result<std::vector<Dictionary>> admin_list(Uid uid);
    Result<std::vector<Dictionary>> admin_list_events(const Dictionary& options);
    Result<std::vector<Dictionary>> admin_list_owners();
    Result<Operation> begin_admin_import(const std::string& user, const std::string& description,
                                         const Dictionary& options);
    // The 32 bytes of the master key; confirm once they are safe.
    Result<SecretBuffer> admin_export_key();
    Result<void> admin_confirm_export();
    Result<Dictionary> admin_status();
    Result<void> admin_reinstate(Uid uid, const TokenId& id);
    Result<std::uint32_t> admin_check_owners();
    Result<void> admin_accept_clock();
    // `dead`: what would live again.
    Result<Restoration> admin_accept_rollback(const Dictionary& options);
    Result<void> admin_end_wait(Uid uid);
    Result<void> admin_rotate_key();
    // The 32 bytes of a new master key.
    Result<SecretBuffer> admin_rotate_master_key();
    // `file` is a descriptor of a regular file; the caller keeps it.
    Result<Dictionary> admin_backup(int file);
    Result<Restoration> admin_restore(int file, const Dictionary& options);
    Result<void> admin_revoke(Uid uid, const TokenId& id);

  private:
    Result<Message> manager_call(const char* member) const;
    Result<Message> admin_call(const char* member) const;
    Result<SecretBuffer> receive_key(const char* member) const;
    Result<Message> token_call(const TokenId& id, const char* member) const;
    Result<Operation> begin(const Message& call) const;
    Result<Operation> begin(Message call, const Dictionary& options) const;

    Connection connection_;
};

}  // namespace patd::client
