// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/store/backup/restore.h"

#include "common/base/limits.h"
#include "common/base/log_messages.h"
#include "daemon/store/backup/backup_file.h"
#include "daemon/store/database/schema.h"
#include "daemon/store/tokens/store_schema.h"
#include "daemon/store/tokens/store_sql.h"
#include "daemon/store/tokens/store_upgrade.h"
#include "daemon/store/tokens/token_store_state.h"

#include <algorithm>

namespace patd::store {
// The store of a backup, opened.
struct RestoreSource {
    Connection connection;
    OpenedKeys keys;
};

namespace {

Result<RestoreSource> open_source(const StateDirectory& directory, const MasterKey& master,
                                  Random& random) {
    DatabaseFile file{.name = kRestoredName, .create = false};
    file.upgrade = [&](Connection& old, std::uint32_t from) {
        return upgrade_store(old, from, master, random);
    };
    Result<Connection> connection = open_database(directory, sql::store_schema(), file);
    if (!connection)
        return Error{Errc::InvalidBackup, connection.error().context};
    Result<OpenedKeys> keys = open_keys(*connection, master);
    if (!keys)
        return Error{Errc::InvalidBackup, keys.error().context};
    return RestoreSource{std::move(*connection), std::move(*keys)};
}

Result<bool> has_row(Connection& connection, const char* sql) {
    Query query = TRY(connection.query(sql));
    return TRY(query.step()) && query.integer(0) != 0;
}

bool is_corrupt(const Error& error) {
    return error.code == Errc::Corrupt;
}

}  // namespace

// One merge in progress. Names that begin with `old` refer to the backup.
class Restorer {
  public:
    Restorer(TokenStore& store, const RestoreChoice& choice)
        : state_(store.state()), writer_(state_.writer), choice_(choice) {}

    Result<RestoreReport> run(const MasterKey& master) {
        Result<RestoreReport> report = merge(master);
        state_.changes.note_all();
        if (report && report->done)
            writer_.empty_wal();
        return report;
    }

  private:
    // What is known here about a token of the backup.
    enum class Fate { Present, Lost, Deleted, Regenerated };
    struct Found {
        Fate fate = Fate::Lost;
        UnixTime died = 0;
        std::uint32_t generation = 0;  // of the current record
    };

    Result<RestoreReport> merge(const MasterKey& master) {
        source_.emplace(TRY(open_source(state_.directory, master, writer_.random_)));
        old_record_.emplace(std::move(source_->keys.keys.now.records),
                            take_before(source_->keys.keys, &StoreKeys::records));
        old_rows_.emplace(take_row_macs(source_->keys.keys));
        Transaction transaction = TRY(Transaction::begin_write(writer_.connection_));
        TRY(adopt_index(master));
        // In this order: the current tombstones decide what is dead.
        TRY(merge_tokens());
        TRY(merge_tombstones());
        if (const bool all_known = report_.revived.size() == choice_.revive.size(); !all_known)
            return Errc::NotFound;
        const bool decided = !choice_.dry_run && (choice_.keep_dead || report_.dead.empty() ||
                                                  !report_.revived.empty());
        if (!decided) {
            report_.adopted.reset();
            return std::move(report_);
        }
        TRY(transaction.commit());
        if (report_.adopted)
            writer_.adopt(TRY(report_.adopted->clone()));
        report_.done = true;
        return std::move(report_);
    }

    // Digests can only be compared, and keep working, under one index key.
    Result<void> adopt_index(const MasterKey& master) {
        constexpr std::string_view kProbe = "one index key";
        KeyedMac& old = source_->keys.keys.now.index;
        const Digest theirs = TRY(old.mac({bytes_of(kProbe)}));
        if (TRY(writer_.index_.mac({bytes_of(kProbe)})) == theirs)
            return {};
        if (TRY(has_row(writer_.connection_, sql::kAnyRecord)))
            return Error{Errc::ForeignBackup, "of a store with another index key"};
        TRY(replace_index_key(writer_.connection_, master, source_->connection, writer_.random_));
        report_.adopted.emplace(std::move(TRY(open_keys(writer_.connection_, master)).keys));
        return state_.anchor->rekey(writer_.connection_, report_.adopted->now.index);
    }

    Result<void> merge_tokens() {
        std::vector<std::int64_t> ids;
        {
            Query query = TRY(source_->connection.query(sql::kListTokens));
            while (TRY(query.step()))
                ids.push_back(query.integer(0));
        }
        for (const std::int64_t id : ids)
            TRY(merge_token(id));
        return {};
    }

    Result<void> merge_token(std::int64_t id) {
        const SealedRecord::Closing closing(*old_record_);
        Result<std::optional<Token>> opened = old_record_->open(source_->connection, id);
        if (!opened && is_corrupt(opened.error())) {
            ++report_.damaged;
            log(messages::kBackupDamaged, opened.error());
            return {};
        }
        std::optional<Token> token = TRY(std::move(opened));
        if (!token)
            return {};
        const Found found = TRY(find_fate(*token));
        switch (found.fate) {
            case Fate::Present:
                ++report_.present;
                return {};
            case Fate::Lost:
                ++report_.restored;
                return bring_back(*token, found);
            case Fate::Deleted:
            case Fate::Regenerated:
                return treat_dead(std::move(*token), found);
        }
        return {};
    }

    Result<Found> find_fate(const Token& token) {
        const SealedRecord::Closing closing(writer_.record_);
        const Digest digest = old_record_->verifier();
        const Result<std::optional<Token>> now =
            writer_.record_.open(writer_.connection_, token_key(token.id));
        if (!now && !is_corrupt(now.error()))
            return now.error();
        if (now && *now && (*now)->owner != token.owner)
            return Error{Errc::InvalidBackup, "a token belongs to somebody else now"};
        if (now && *now && writer_.record_.verifier() == digest)
            return Found{.fate = Fate::Present};
        const std::optional<UnixTime> died = TRY(find_death(digest, token));
        if (now && *now)
            return Found{Fate::Regenerated, died.value_or(0), (*now)->generation};
        return Found{died ? Fate::Deleted : Fate::Lost, died.value_or(0), 0};
    }

    // When the secret died. When an owner has too many tombstones, the oldest are dropped: after
    // that, a secret without a tombstone may still have died.
    Result<std::optional<UnixTime>> find_death(const Digest& digest, const Token& token) {
        {
            Query query = TRY(writer_.connection_.query(sql::kSelectDeath));
            query.bind(Bytes(digest), token_key(token.id));
            if (TRY(query.step()))
                return std::optional<UnixTime>(query.integer(0));
        }
        if (const std::optional<UnixTime> died = find_witnessed(token))
            return died;
        if (TRY(count_tombstones(token.owner)) >= std::int64_t{limits::kTombstonesPerUser})
            return std::optional<UnixTime>(0);
        return std::optional<UnixTime>();
    }

    std::optional<UnixTime> find_witnessed(const Token& token) const {
        for (const Death& death : choice_.witnessed) {
            const bool outlived =
                death.cause == Death::Cause::Regenerated && token.generation < death.secret;
            if (death.token == token.id && (outlived || death.cause == Death::Cause::Deleted))
                return death.at;
        }
        return std::nullopt;
    }

    Result<std::int64_t> count_tombstones(Uid owner) {
        Query query = TRY(writer_.connection_.query(sql::kCountTombstones));
        query.bind(std::int64_t{owner.value()});
        TRY(query.step());
        return query.integer(0);
    }

    Result<void> treat_dead(Token token, const Found& found) {
        if (!choice_.revive.contains(token.id)) {
            const auto cause = found.fate == Fate::Deleted ? DeadToken::Cause::Deleted
                                                           : DeadToken::Cause::Regenerated;
            report_.dead.push_back({std::move(token), cause, found.died});
            return {};
        }
        // Children of either secret die.
        token.generation = std::max(token.generation, found.generation) + 1;
        report_.revived.push_back(token);
        return bring_back(token, found);
    }

    // Puts the last opened record into the store, replacing what is there.
    Result<void> bring_back(const Token& token, const Found& found) {
        TRY(bring_owner(token.owner));
        if (found.fate == Fate::Regenerated)
            TRY(writer_.bury(token_key(token.id), token.owner, choice_.now));
        else
            TRY(delete_row(token.id));
        const Digest digest = old_record_->verifier();
        {
            Query query = TRY(writer_.connection_.query(sql::kDeleteTombstones));
            query.bind(Bytes(digest), token_key(token.id));
            TRY(query.run());
        }
        const SealedRecord::Closing closing(writer_.record_);
        TRY(writer_.record_.copy_from(*old_record_));
        TRY(writer_.record_.write(writer_.connection_, sql::kInsertToken, token, writer_.random_));
        Query targets = TRY(writer_.connection_.query(sql::kDeleteTargets));
        targets.bind(std::int64_t{token.owner.value()}, token_key(token.id));
        TRY(targets.run());
        TRY(writer_.insert_targets(token));
        return found.fate == Fate::Regenerated ? Result<void>() : bring_last_use(token.id);
    }

    // What people look at, so that a token in daily use does not look unused.
    Result<void> bring_last_use(const TokenId& id) {
        Query old = TRY(source_->connection.query(sql::kSelectLastUse));
        old.bind(token_key(id));
        if (!TRY(old.step()))
            return {};
        Query use = TRY(writer_.connection_.query(sql::kRecordUse));
        use.bind(token_key(id), old.integer(0), old.integer(1), old.text(2), old.text(3));
        return use.run();
    }

    // Removes what is left of a record that does not open.
    Result<void> delete_row(const TokenId& id) {
        Query query = TRY(writer_.connection_.query(sql::kDeleteToken));
        query.bind(token_key(id));
        return query.run();
    }

    // An owner without a row here is locked as in the backup, or since; locked, if that cannot be
    // read.
    Result<void> bring_owner(Uid owner) {
        if (TRY(read_locked(writer_.connection_, writer_.rows_, owner)))
            return {};
        const Result<std::optional<bool>> old = read_locked(source_->connection, *old_rows_, owner);
        const auto is_its_lock = [owner](const Death& death) {
            return death.cause == Death::Cause::Locked && death.owner == owner;
        };
        const bool locked =
            !old || old->value_or(true) || std::ranges::any_of(choice_.witnessed, is_its_lock);
        if (locked)
            report_.locked.insert(owner);
        return writer_.write_owner(owner, locked);
    }

    // What was dead when the backup was made stays dead.
    Result<void> merge_tombstones() {
        Query query = TRY(source_->connection.query(sql::kListTombstones));
        BoundData bound;
        while (TRY(query.step())) {
            const TombstoneColumns columns{query.blob(0), query.integer(1), query.integer(2),
                                           query.integer(3)};
            bind_tombstone(bound, columns);
            const RowMacs::Match match = TRY(old_rows_->match(bound.bytes(), query.blob(4)));
            if (match != RowMacs::Match::None && !query.malformed())
                TRY(merge_tombstone(columns, bound));
        }
        return {};
    }

    Result<void> merge_tombstone(const TombstoneColumns& columns, const BoundData& bound) {
        {
            Query known = TRY(writer_.connection_.query(sql::kSelectTombstone));
            known.bind(columns.digest);
            if (TRY(known.step()))
                return {};
        }
        const Uid owner(static_cast<std::uint32_t>(columns.owner));
        // Newer ones must not have to go for it.
        if (TRY(count_tombstones(owner)) >= std::int64_t{limits::kTombstonesPerUser})
            return {};
        const Digest mac = TRY(writer_.rows_.make(bound.bytes()));
        Query insert = TRY(writer_.connection_.query(sql::kInsertTombstone));
        insert.bind(columns.digest, columns.token, columns.owner, columns.died, Bytes(mac));
        return insert.run();
    }

    TokenStore::State& state_;
    TokenWriter& writer_;
    const RestoreChoice& choice_;
    std::optional<RestoreSource> source_;
    std::optional<SealedRecord> old_record_;
    std::optional<RowMacs> old_rows_;
    RestoreReport report_;
};

Result<RestoreReport> restore(TokenStore& store, const MasterKey& master,
                              const RestoreChoice& choice) {
    return Restorer(store, choice).run(master);
}

}  // namespace patd::store
