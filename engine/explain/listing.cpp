#include "engine/explain/listing.h"

#include "engine/core/error.h"
#include "engine/explain/fields.h"
#include "engine/explain/where.h"
#include "engine/io/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <string_view>
#include <utility>

namespace hsa {
namespace {

constexpr std::size_t kChecked = 4096;  // rows between looks at whether to stop

std::vector<Field> fields_of(const Snapshot& snapshot, Things things) {
    switch (things) {
        case Things::splats: return splat_fields(snapshot);
        case Things::tokens: return token_fields(snapshot);
        case Things::events: break;
    }
    return event_fields(snapshot);
}

std::size_t count_of(const Snapshot& snapshot, Things things) {
    switch (things) {
        case Things::splats: return snapshot.registry ? snapshot.registry->size() : 0;
        case Things::tokens: return snapshot.dataset ? snapshot.dataset->size() : 0;
        case Things::events: break;
    }
    return snapshot.history ? snapshot.history->event_count(snapshot.history->last()) : 0;
}

// Rows of which `has` holds in order of their keys, the others after them; `keys` are by row.
template <class Key, class Has>
void sort_by(const std::vector<Key>& keys, bool falling, Has has,
             std::vector<std::uint32_t>& rows) {
    const auto valued = std::stable_partition(rows.begin(), rows.end(),
                                              [&](std::uint32_t row) { return has(keys[row]); });
    std::sort(rows.begin(), valued, [&](std::uint32_t a, std::uint32_t b) {
        const bool equal = !(keys[a] < keys[b]) && !(keys[b] < keys[a]);
        return equal ? a < b : (keys[a] < keys[b]) != falling;
    });
}

void sort_rows(Listing& listing, const Work& work) {
    const Field& field = listing.columns[*listing.sorted_by];
    if (field.numbers) {
        const std::vector<double> numbers = field.numbers();
        work.check();
        sort_by(
            numbers, listing.falling, [](double number) { return !std::isnan(number); },
            listing.rows);
        return;
    }
    std::vector<std::string> words(listing.count);
    for (std::size_t r = 0; r < listing.rows.size(); ++r) {
        if (r % kChecked == 0) work.check();
        words[listing.rows[r]] = folded(field.words(listing.rows[r]));
    }
    sort_by(
        words, listing.falling, [](const std::string& word) { return !word.empty(); },
        listing.rows);
}

void find_column(Listing& listing) {
    const std::string_view name = listing.wanted.sort;
    if (name.empty()) return;
    std::string names;
    for (std::size_t c = 0; c < listing.columns.size(); ++c) {
        const Field& column = listing.columns[c];
        if (means(name, column)) {
            listing.sorted_by = c;
            listing.falling = false;
            return;
        }
        // Of several that it may mean the first counts, as in an expression.
        if (!listing.sorted_by && name.front() == '-' && means(name.substr(1), column)) {
            listing.sorted_by = c;
            listing.falling = true;
        }
        names += (names.empty() ? "" : ", ") + column.name;
    }
    if (!listing.sorted_by)
        listing.sort_fault = fmt::format("There is no column '{}' to sort {}s by: there are {}.",
                                         name, name_of(listing.wanted.things), names);
}

}  // namespace

const char* name_of(Things things) {
    switch (things) {
        case Things::splats: return "splat";
        case Things::tokens: return "token";
        case Things::events: break;
    }
    return "event";
}

Listing make_listing(std::shared_ptr<const Snapshot> snapshot, const ListingWanted& wanted,
                     const Listing* previous, const Work& work) {
    Listing listing;
    listing.of = std::move(snapshot);
    listing.wanted = wanted;
    const bool known = previous != nullptr && previous->of == listing.of &&
                       previous->wanted.things == wanted.things;
    listing.columns = known ? previous->columns : fields_of(*listing.of, wanted.things);
    if (listing.columns.empty()) return listing;
    listing.count = count_of(*listing.of, wanted.things);
    if (wanted.filter.empty()) {
        listing.rows.resize(listing.count);
        std::iota(listing.rows.begin(), listing.rows.end(), 0U);
    } else {
        try {
            for (const std::size_t row : find_rows(*listing.of, wanted.things, listing.columns,
                                                   listing.count, wanted.filter))
                listing.rows.push_back(static_cast<std::uint32_t>(row));
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::usage) throw;
            listing.filter_fault = error.what();
        }
    }
    work.check();
    find_column(listing);
    if (listing.sorted_by) sort_rows(listing, work);
    return listing;
}

void check_filter(const Snapshot& snapshot, Things things, std::string_view filter) {
    if (filter.empty()) return;
    std::vector<Field> fields = fields_of(snapshot, things);
    if (fields.empty()) return;
    // Asked of no things an expression only meets names and types.
    for (Field& field : fields)
        if (field.numbers) field.numbers = [] { return std::vector<double>(); };
    (void)find_rows(snapshot, things, fields, 0, filter);
}

void compute_columns(const Listing& listing, const Work& work) {
    if (listing.count == 0) return;
    for (const Field& column : listing.columns) {
        if (column.number) (void)column.number(0);
        work.check();
    }
}

std::string write_listing_csv(const Listing& listing, const Work& work) {
    std::string out;
    const auto comma = [&](std::size_t c) { out += c > 0 ? "," : ""; };
    for (std::size_t c = 0; c < listing.columns.size(); ++c) {
        comma(c);
        out += csv_field(listing.columns[c].name);
    }
    out += '\n';
    for (std::size_t r = 0; r < listing.rows.size(); ++r) {
        if (r % kChecked == 0) work.check();
        for (std::size_t c = 0; c < listing.columns.size(); ++c) {
            comma(c);
            const Field& column = listing.columns[c];
            if (!column.number) {
                out += csv_field(column.words(listing.rows[r]));
                continue;
            }
            const double number = column.number(listing.rows[r]);
            if (std::isnan(number)) continue;
            if (column.single)
                fmt::format_to(std::back_inserter(out), "{}", static_cast<float>(number));
            else fmt::format_to(std::back_inserter(out), "{}", number);
        }
        out += '\n';
    }
    return out;
}

}  // namespace hsa
