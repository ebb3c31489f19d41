// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/client/tokens_client.h"

#include "common/base/names.h"

namespace patd::client {

Result<TokensClient> TokensClient::open() {
    return TokensClient(TRY(Connection::open_system()));
}

Result<Message> TokensClient::manager_call(const char* member) const {
    return connection_.new_call(names::kManagerPath, names::kManagerInterface, member);
}

Result<Message> TokensClient::token_call(const TokenId& id, const char* member) const {
    return connection_.new_call(std::string(names::kTokenPrefix) + "/" + id.text(),
                                names::kTokenInterface, member);
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

Result<Explanation> TokensClient::explain(const std::string& url) {
    Message call = TRY(manager_call("Explain"));
    TRY(call.append_text(url));
    Message reply = TRY(connection_.call(call));
    std::string outcome = TRY(reply.read_text());
    return Explanation{std::move(outcome), TRY(reply.read_dictionaries())};
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

Result<Dictionary> TokensClient::admin_status() {
    Message reply = TRY(connection_.call(
        TRY(connection_.new_call(names::kManagerPath, names::kAdminInterface, "Status"))));
    return reply.read_dictionary();
}

Result<void> TokensClient::lock() {
    TRY(connection_.call(TRY(manager_call("Lock"))));
    return {};
}

Result<std::vector<Dictionary>> TokensClient::admin_list(Uid uid) {
    Message call = TRY(connection_.new_call(names::kManagerPath, names::kAdminInterface, "List"));
    TRY(call.append_count(uid.value()));
    Message reply = TRY(connection_.call(call));
    return reply.read_objects();
}

Result<void> TokensClient::admin_revoke(Uid uid, const TokenId& id) {
    Message call = TRY(connection_.new_call(names::kManagerPath, names::kAdminInterface, "Revoke"));
    TRY(call.append_count(uid.value()));
    TRY(call.append_text(id.text()));
    TRY(connection_.call(call));
    return {};
}

}  // namespace patd::client
