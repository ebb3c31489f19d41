// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/client/tokens_client.h"

#include "common/base/names.h"

namespace patd::client {

Result<TokensClient> TokensClient::open() {
    return TokensClient(TRY(Connection::open_system()));
}

Result<TokensClient> TokensClient::open_session() {
    return TokensClient(TRY(Connection::open_session()));
}

Result<Message> TokensClient::manager_call(const char* member) const {
    return connection_.new_call(names::kManagerPath, names::kManagerInterface, member);
}

Result<Message> TokensClient::token_call(const TokenId& id, const char* member) const {
    return connection_.new_call(std::string(names::kTokenPrefix) + "/" + id.text(),
                                names::kTokenInterface, member);
}

Result<Message> TokensClient::admin_call(const char* member) const {
    return connection_.new_call(names::kManagerPath, names::kAdminInterface, member);
}

Result<Operation> TokensClient::begin(const Message& call) const {
    Message reply = TRY(connection_.call(call));
    return Operation(connection_, TRY(reply.read_path()));
}

Result<Operation> TokensClient::begin(Message call, const Dictionary& options) const {
    TRY(call.append_dictionary(options));
    return begin(call);
}

Result<Operation> TokensClient::begin_create(const std::string& description,
                                             const std::vector<std::string>& permissions,
                                             const Dictionary& options) {
    Message call = TRY(manager_call("Create"));
    TRY(call.append_text(description));
    TRY(call.append_texts(permissions));
    return begin(std::move(call), options);
}

Result<Operation> TokensClient::begin_import(const std::string& description,
                                             const Dictionary& options) {
    Message call = TRY(manager_call("Import"));
    TRY(call.append_text(description));
    return begin(std::move(call), options);
}

Result<Operation> TokensClient::begin_import_many(const std::vector<Dictionary>& tokens) {
    Message call = TRY(manager_call("ImportMany"));
    TRY(call.append_dictionaries(tokens));
    return begin(call);
}

Result<Operation> TokensClient::begin_remove_all() {
    return begin(TRY(manager_call("RemoveAll")));
}

Result<Operation> TokensClient::begin_unlock(const Dictionary& options) {
    return begin(TRY(manager_call("Unlock")), options);
}

Result<Operation> TokensClient::begin_set_service_password() {
    return begin(TRY(manager_call("SetServicePassword")));
}

Result<Operation> TokensClient::begin_verify(const Dictionary& options) {
    return begin(TRY(manager_call("Verify")), options);
}

Result<Operation> TokensClient::begin_update(const TokenId& id, const Dictionary& changes) {
    return begin(TRY(token_call(id, "Update")), changes);
}

Result<Operation> TokensClient::begin_regenerate(const TokenId& id, const Dictionary& options) {
    return begin(TRY(token_call(id, "Regenerate")), options);
}

Result<Operation> TokensClient::begin_delete(const TokenId& id) {
    return begin(TRY(token_call(id, "Delete")));
}

Result<std::vector<Dictionary>> TokensClient::list() {
    Message reply = TRY(connection_.call(TRY(manager_call("List"))));
    return reply.read_objects();
}

Result<Dictionary> TokensClient::show(const TokenId& id) {
    Message reply = TRY(connection_.call(TRY(token_call(id, "Show"))));
    return reply.read_dictionary();
}

Result<Explanation> TokensClient::explain(const std::string& url, const Dictionary& options) {
    Message call = TRY(manager_call("Explain"));
    TRY(call.append_text(url));
    TRY(call.append_dictionary(options));
    Message reply = TRY(connection_.call(call));
    std::string outcome = TRY(reply.read_text());
    std::vector<Dictionary> candidates = TRY(reply.read_dictionaries());
    return Explanation{std::move(outcome), std::move(candidates)};
}

Result<std::vector<Dictionary>> TokensClient::list_events(const Dictionary& options) {
    Message call = TRY(manager_call("ListEvents"));
    TRY(call.append_dictionary(options));
    Message reply = TRY(connection_.call(call));
    return reply.read_dictionaries();
}

Result<Dictionary> TokensClient::status() {
    Message reply = TRY(connection_.call(TRY(manager_call("Status"))));
    return reply.read_dictionary();
}

Result<std::vector<Dictionary>> TokensClient::list_permissions() {
    Message reply = TRY(connection_.call(TRY(manager_call("ListPermissions"))));
    return reply.read_dictionaries();
}

Result<void> TokensClient::lock() {
    TRY(connection_.call(TRY(manager_call("Lock"))));
    return {};
}

Result<std::string> TokensClient::open_exposure(int listener, const Dictionary& options) {
    Message call = TRY(manager_call("Expose"));
    TRY(call.append_descriptor(listener));
    TRY(call.append_dictionary(options));
    Message reply = TRY(connection_.call(call));
    return reply.read_text();
}

Result<std::vector<Dictionary>> TokensClient::list_exposures() {
    Message reply = TRY(connection_.call(TRY(manager_call("ListExposures"))));
    return reply.read_dictionaries();
}

Result<void> TokensClient::cut(const std::string& exposure) {
    Message call = TRY(manager_call("Cut"));
    TRY(call.append_text(exposure));
    TRY(connection_.call(call));
    return {};
}

Result<std::vector<Dictionary>> TokensClient::admin_list(Uid uid) {
    Message call = TRY(admin_call("List"));
    TRY(call.append_count(uid.value()));
    Message reply = TRY(connection_.call(call));
    return reply.read_objects();
}

Result<std::vector<Dictionary>> TokensClient::admin_list_events(const Dictionary& options) {
    Message call =
        TRY(connection_.new_call(names::kManagerPath, names::kAdminInterface, "ListEvents"));
    TRY(call.append_dictionary(options));
    Message reply = TRY(connection_.call(call));
    return reply.read_dictionaries();
}

Result<std::vector<Dictionary>> TokensClient::admin_list_owners() {
    Message reply = TRY(connection_.call(TRY(admin_call("ListOwners"))));
    return reply.read_dictionaries();
}

Result<Operation> TokensClient::begin_admin_import(const std::string& user,
                                                   const std::string& description,
                                                   const Dictionary& options) {
    Message call = TRY(admin_call("Import"));
    TRY(call.append_text(user));
    TRY(call.append_text(description));
    return begin(std::move(call), options);
}

Result<SecretBuffer> TokensClient::receive_key(const char* member) const {
    SecretSink sink = TRY(SecretSink::create());
    {
        // The message holds a duplicate of the sink, and would keep it open.
        Message call = TRY(admin_call(member));
        TRY(call.append_descriptor(sink.passed()));
        TRY(connection_.call(call));
    }
    return sink.receive();
}

Result<SecretBuffer> TokensClient::admin_export_key() {
    return receive_key("ExportKey");
}

Result<SecretBuffer> TokensClient::admin_rotate_master_key() {
    return receive_key("RotateMasterKey");
}

Result<void> TokensClient::admin_reinstate(Uid uid, const TokenId& id) {
    Message call = TRY(admin_call("Reinstate"));
    TRY(call.append_count(uid.value()));
    TRY(call.append_text(id.text()));
    TRY(connection_.call(call));
    return {};
}

Result<std::uint32_t> TokensClient::admin_check_owners() {
    Message reply = TRY(connection_.call(TRY(admin_call("CheckOwners"))));
    return reply.read_count();
}

Result<void> TokensClient::admin_accept_clock() {
    TRY(connection_.call(TRY(admin_call("AcceptClock"))));
    return {};
}

Result<Restoration> TokensClient::admin_accept_rollback(const Dictionary& options) {
    Message call = TRY(admin_call("AcceptRollback"));
    TRY(call.append_dictionary(options));
    Message reply = TRY(connection_.call(call, kFileTimeout));
    Dictionary result = TRY(reply.read_dictionary());
    std::vector<Dictionary> living = TRY(reply.read_dictionaries());
    return Restoration{std::move(result), std::move(living)};
}

Result<void> TokensClient::admin_end_wait(Uid uid) {
    Message call = TRY(admin_call("EndWait"));
    TRY(call.append_count(uid.value()));
    TRY(connection_.call(call));
    return {};
}

Result<void> TokensClient::admin_rotate_key() {
    TRY(connection_.call(TRY(admin_call("RotateKey"))));
    return {};
}

Result<void> TokensClient::admin_confirm_export() {
    TRY(connection_.call(TRY(admin_call("ConfirmExport"))));
    return {};
}

Result<Dictionary> TokensClient::admin_backup(int file) {
    Message call = TRY(admin_call("Backup"));
    TRY(call.append_descriptor(file));
    Message reply = TRY(connection_.call(call, kFileTimeout));
    return reply.read_dictionary();
}

Result<Restoration> TokensClient::admin_restore(int file, const Dictionary& options) {
    Message call = TRY(admin_call("Restore"));
    TRY(call.append_descriptor(file));
    TRY(call.append_dictionary(options));
    Message reply = TRY(connection_.call(call, kFileTimeout));
    Dictionary result = TRY(reply.read_dictionary());
    std::vector<Dictionary> dead = TRY(reply.read_dictionaries());
    return Restoration{std::move(result), std::move(dead)};
}

Result<Dictionary> TokensClient::admin_status() {
    Message reply = TRY(connection_.call(TRY(admin_call("Status"))));
    return reply.read_dictionary();
}

Result<void> TokensClient::admin_revoke(Uid uid, const TokenId& id) {
    Message call = TRY(admin_call("Revoke"));
    TRY(call.append_count(uid.value()));
    TRY(call.append_text(id.text()));
    TRY(connection_.call(call));
    return {};
}

}  // namespace patd::client
