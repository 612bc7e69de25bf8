#include "app/commands/table.h"

#include "engine/core/error.h"
#include "engine/io/text.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

namespace splatscope {
namespace {

// Letters two names share as a common subsequence: enough to guess what was meant.
std::size_t common_letters(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1, 0);
    for (const char c : a) {
        std::size_t diagonal = 0;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = c == b[j - 1] ? diagonal + 1 : std::max(row[j], row[j - 1]);
            diagonal = above;
        }
    }
    return row[b.size()];
}

// Share of letters in common from which another command may have been meant.
constexpr double kAlike = 0.6;

}  // namespace

const std::vector<CommandRow>& command_table() {
    static const std::vector<CommandRow> table = [] {
        std::vector<CommandRow> rows;
        for (auto family : {file_commands,   run_commands,     restore_commands, setting_commands,
                            splat_commands,  level_commands,   adapt_commands,   timeline_commands,
                            select_commands, explain_commands, ask_commands,     recover_commands,
                            head_commands,   replace_commands, compare_commands, expect_commands,
                            save_commands,   report_commands,  view_commands,    camera_commands,
                            axes_commands,   map_commands,     table_commands,   window_commands,
                            program_commands}) {
            std::vector<CommandRow> some = family();
            rows.insert(rows.end(), std::make_move_iterator(some.begin()),
                        std::make_move_iterator(some.end()));
        }
        return rows;
    }();
    return table;
}

const CommandRow& find_command(std::string_view name) {
    const std::vector<CommandRow>& table = command_table();
    const CommandRow* nearest = nullptr;
    double best = -1.0;
    for (const CommandRow& row : table) {
        if (row.name == name) return row;
        const double likeness = static_cast<double>(2 * common_letters(name, row.name)) /
                                static_cast<double>(name.size() + row.name.size());
        if (likeness > best) {
            best = likeness;
            nearest = &row;
        }
    }
    if (best < kAlike)
        hsa::fail_usage("There is no command '{}'. --list-commands shows all.", name);
    hsa::fail_usage("There is no command '{}'. Did you mean '{}'? --list-commands shows all.", name,
                    nearest->name);
}

CommandRow change_row(std::string name, std::string arguments, std::string help, std::string keys,
                      Change act) {
    CommandRow row;
    row.name = std::move(name);
    row.arguments = std::move(arguments);
    row.help = std::move(help);
    row.keys = std::move(keys);
    row.change = std::move(act);
    return row;
}

CommandRow desk_row(std::string name, std::string arguments, std::string help, std::string keys,
                    Change act) {
    CommandRow row = change_row(std::move(name), std::move(arguments), std::move(help),
                                std::move(keys), std::move(act));
    row.undoable = false;
    return row;
}

CommandRow data_row(std::string name, std::string arguments, std::string help, std::string keys,
                    Change act) {
    CommandRow row = change_row(std::move(name), std::move(arguments), std::move(help),
                                std::move(keys), std::move(act));
    row.needs_data = true;
    return row;
}

CommandRow search_row(std::string name, std::string arguments, std::string help, std::string keys,
                      Search find) {
    CommandRow row =
        data_row(std::move(name), std::move(arguments), std::move(help), std::move(keys), {});
    row.search = std::move(find);
    return row;
}

CommandRow question_row(std::string name, std::string arguments, std::string help, Question ask) {
    CommandRow row = change_row(std::move(name), std::move(arguments), std::move(help), "", {});
    row.kind = CommandKind::question;
    row.question = std::move(ask);
    return row;
}

CommandRow file_row(std::string name, std::string arguments, std::string help, Save save) {
    CommandRow row = change_row(std::move(name), std::move(arguments), std::move(help), "", {});
    row.kind = CommandKind::file;
    row.file = std::move(save);
    return row;
}

CommandRow control_row(std::string name, std::string arguments, std::string help, std::string keys,
                       Control act) {
    CommandRow row =
        change_row(std::move(name), std::move(arguments), std::move(help), std::move(keys), {});
    row.kind = CommandKind::control;
    row.control = std::move(act);
    return row;
}

void expect_count(std::string_view command, const Args& args, std::size_t least, std::size_t most) {
    if (args.size() >= least && args.size() <= most) return;
    const CommandRow& row = find_command(command);
    hsa::fail_usage("{} takes {}, but {} word{} given.", command,
                    row.arguments.empty() ? "no arguments" : row.arguments, args.size(),
                    args.size() == 1 ? " was" : "s were");
}

bool take_overwrite(Args& args) {
    if (args.empty() || args.back() != "overwrite") return false;
    args.pop_back();
    return true;
}

std::string take_path(Args& args) {
    if (args.size() < 2 || args[args.size() - 2] != "to") return {};
    std::string path = std::move(args.back());
    args.resize(args.size() - 2);
    return path;
}

std::uint64_t parse_hash(std::string_view command, std::string_view text) {
    std::uint64_t hash = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), hash, 16);
    if (fault != std::errc() || end != text.data() + text.size())
        hsa::fail_usage("{} takes a hash of 16 hexadecimal digits, not '{}'.", command, text);
    return hash;
}

hsa::SplatId parse_splat(std::string_view text) {
    hsa::SplatId id = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), id);
    if (fault != std::errc() || end != text.data() + text.size())
        hsa::fail_usage("'{}' is no splat id: a whole number from 0, as the inspector shows it.",
                        text);
    return id;
}

std::string checked_name(std::string_view command, std::string_view words) {
    constexpr std::size_t kLetters = 80;
    while (!words.empty() && words.front() == ' ') words.remove_prefix(1);
    while (!words.empty() && words.back() == ' ') words.remove_suffix(1);
    std::size_t letters = 0;
    for (const char c : words) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20U || byte == 0x7fU)
            hsa::fail_usage("{}: a name is one line of words.", command);
        letters += (byte & 0xC0U) != 0x80U ? 1U : 0U;
    }
    if (letters > kLetters)
        hsa::fail("{}: the name has {} letters; at most {} are shown.", command, letters, kLetters);
    if (hsa::first_invalid_utf8(words)) hsa::fail("{}: the name is not valid UTF-8.", command);
    return std::string(words);
}

const hsa::Dataset& need_dataset(const hsa::Snapshot& snapshot) {
    if (!snapshot.dataset)
        hsa::fail("Nothing is open: open a text, an embedding file or sample:voyage first.");
    return *snapshot.dataset;
}

void need_factors(const hsa::Snapshot& snapshot) {
    (void)need_dataset(snapshot);
    if (snapshot.factors && snapshot.sums && snapshot.measures) return;
    if (!snapshot.error.empty())
        throw hsa::Error(static_cast<hsa::ErrorKind>(snapshot.error_code), snapshot.error);
    hsa::fail("The attention of these data was not computed: it was stopped before.");
}

}  // namespace splatscope
