// SPDX-License-Identifier: MIT
#include "widgets/panels/figure_recipe.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "widgets/panels/state_json.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QStringDecoder>
#include <cmath>
#include <type_traits>

namespace depthscope::panels {

namespace {

constexpr int kFormat = 1; ///< of the key "figure"
constexpr double kMostWhole = 9.007e15;

[[noreturn]] void refuse(const QString& key, const std::string& reason) {
    throw Error(
        ErrorCode::BadInput,
        fmt::format("the recipe in this figure is damaged: {} {}", key.toStdString(), reason),
        "Export the figure again.");
}

QString qt(const std::string& text) {
    return QString::fromStdString(text);
}

// Text that is not UTF-8 would not survive as text.
QJsonObject bytesJson(const std::string& bytes) {
    QStringDecoder decoder(QStringDecoder::Utf8);
    const QString text = decoder(QByteArray::fromStdString(bytes));
    if (decoder.hasError() || text.toStdString() != bytes) {
        return {{QStringLiteral("base64"),
                 QString::fromLatin1(QByteArray::fromStdString(bytes).toBase64())}};
    }
    return {{QStringLiteral("text"), text}};
}

std::string bytesOf(const QJsonObject& object) {
    return object.contains(QLatin1String("base64"))
               ? QByteArray::fromBase64(object.value(QLatin1String("base64")).toString().toLatin1())
                     .toStdString()
               : object.value(QLatin1String("text")).toString().toStdString();
}

QJsonObject promptJson(const runtime::Prompt& prompt) {
    QJsonObject object = bytesJson(prompt.text);
    QJsonArray ids;
    for (const std::int32_t id : prompt.ids) {
        ids.append(id);
    }
    object.insert(QStringLiteral("ids"), ids);
    if (prompt.classes.set) {
        QJsonArray names;
        for (const std::string& name : prompt.classes.set->names) {
            names.append(qt(name));
        }
        QJsonArray ranges;
        for (const trace::ClassRange& range : prompt.classes.ranges) {
            ranges.append(QJsonArray{static_cast<double>(range.begin),
                                     static_cast<double>(range.end), range.number});
        }
        object.insert(QStringLiteral("classes"),
                      QJsonObject{{QStringLiteral("set"), qt(prompt.classes.set->name)},
                                  {QStringLiteral("names"), names},
                                  {QStringLiteral("ranges"), ranges}});
    }
    return object;
}

double numberAt(const QJsonValue& value, const QString& key, double least, double most) {
    const double number = value.toDouble(std::nan(""));
    if (!(number >= least && number <= most)) {
        refuse(key, fmt::format("must be a number from {} to {}", least, most));
    }
    return number;
}

std::vector<std::int32_t> idsOf(const QJsonArray& array) {
    std::vector<std::int32_t> ids;
    for (const QJsonValue& id : array) {
        ids.push_back(
            static_cast<std::int32_t>(numberAt(id, QStringLiteral("ids"), 0, 2147483647)));
    }
    return ids;
}

/// The ranges lie in the text, one after the other, and are of classes of the set.
trace::TextClasses classesOf(const QJsonObject& object, std::size_t bytes) {
    const QString key = QStringLiteral("classes");
    trace::ClassSet set;
    set.name = object.value(QLatin1String("set")).toString().toStdString();
    for (const QJsonValue& name : object.value(QLatin1String("names")).toArray()) {
        set.names.push_back(name.toString().toStdString());
    }
    if (set.names.size() > trace::kNoClass) {
        refuse(key, "has too many names");
    }
    trace::TextClasses classes;
    for (const QJsonValue& value : object.value(QLatin1String("ranges")).toArray()) {
        const QJsonArray range = value.toArray();
        const double least =
            classes.ranges.empty() ? 0.0 : static_cast<double>(classes.ranges.back().end);
        const double begin = numberAt(range.at(0), key, least, static_cast<double>(bytes));
        const double end = numberAt(range.at(1), key, begin, static_cast<double>(bytes));
        const double number = numberAt(range.at(2), key, 0, trace::kNoClass);
        const trace::ClassRange read{static_cast<std::uint32_t>(begin),
                                     static_cast<std::uint32_t>(end),
                                     static_cast<std::uint8_t>(number)};
        if (!set.holds(read.number)) {
            refuse(key, "names a class that its set lacks");
        }
        classes.ranges.push_back(read);
    }
    classes.set = std::make_shared<const trace::ClassSet>(std::move(set));
    return classes;
}

runtime::Prompt promptOf(const QJsonObject& object) {
    runtime::Prompt prompt;
    prompt.text = bytesOf(object);
    prompt.ids = idsOf(object.value(QLatin1String("ids")).toArray());
    if (object.contains(QLatin1String("classes"))) {
        prompt.classes =
            classesOf(object.value(QLatin1String("classes")).toObject(), prompt.text.size());
    }
    return prompt;
}

template <class Value>
void read(const QJsonValue& json, const QString& key, Value& value) {
    using settings::KvPolicy;
    using settings::Rule;
    const std::string text = json.toString().toStdString();
    if constexpr (std::is_same_v<Value, Rule>) {
        value = settings::parseRule(text);
    } else if constexpr (std::is_same_v<Value, KvPolicy>) {
        value = settings::parseKvPolicy(text);
    } else if constexpr (std::is_same_v<Value, std::vector<Fraction>>) {
        value = settings::parseCapacity(text);
    } else if constexpr (std::is_same_v<Value, std::string>) {
        value = text;
    } else if constexpr (std::is_same_v<Value, bool>) {
        value = json.toBool();
    } else if constexpr (std::is_floating_point_v<Value>) {
        value = static_cast<Value>(numberAt(json, key, -kMostWhole, kMostWhole));
    } else {
        constexpr double kMost = std::is_same_v<Value, int> ? 2147483647.0 : kMostWhole;
        constexpr double kLeast = std::is_signed_v<Value> ? -kMost : 0.0;
        value = static_cast<Value>(numberAt(json, key, kLeast, kMost));
    }
}

/// What is missing keeps its default.
settings::LabSettings settingsOf(const QJsonObject& object) {
    settings::LabSettings result;
    settings::LabSettings::visit(result, [&](const settings::FieldInfo& field, auto& value) {
        const QString key = QString::fromLatin1(field.name);
        if (object.contains(key)) {
            try {
                read(object.value(key), key, value);
            } catch (const Error& error) {
                refuse(key, error.message());
            }
        }
    });
    settings::checkRanges(result);
    return result;
}

template <class Number>
QJsonValue jsonOf(const std::optional<Number>& number) {
    return number ? QJsonValue(static_cast<double>(*number)) : QJsonValue();
}

template <class Number>
void readIf(const QJsonObject& object, const char* key, std::optional<Number>& number) {
    const QJsonValue value = object.value(QLatin1String(key));
    if (value.isDouble()) {
        number = static_cast<Number>(numberAt(value, QString::fromLatin1(key), 0, 2147483647.0));
    }
}

QJsonObject cursorJson(const instruments::Cursor& cursor) {
    return {{QStringLiteral("place"), jsonOf(cursor.pinnedPlace)},
            {QStringLiteral("recursion"), jsonOf(cursor.pinnedRecursion)},
            {QStringLiteral("step"), jsonOf(cursor.step)},
            {QStringLiteral("frame"), jsonOf(cursor.frame)}};
}

instruments::Cursor cursorOf(const QJsonObject& object) {
    instruments::Cursor cursor;
    readIf(object, "place", cursor.pinnedPlace);
    readIf(object, "recursion", cursor.pinnedRecursion);
    readIf(object, "step", cursor.step);
    readIf(object, "frame", cursor.frame);
    return cursor;
}

QJsonObject viewJson(const FigureView& view) {
    return {{QStringLiteral("plot_width"), view.plotWidth},
            {QStringLiteral("cell_width"), view.state.cellWidth},
            {QStringLiteral("first_place"), view.state.firstPlace},
            {QStringLiteral("scroll"), view.state.scrollY},
            {QStringLiteral("follow"), view.state.followLive},
            {QStringLiteral("by_step"), view.state.byStep},
            {QStringLiteral("quantity"), static_cast<int>(view.state.quantity)},
            {QStringLiteral("part"), static_cast<int>(view.state.part)}};
}

FigureView viewOf(const QJsonObject& object) {
    constexpr double kMost = 1e9;
    const auto number = [&](const char* key) {
        return numberAt(object.value(QLatin1String(key)), QString::fromLatin1(key), 0, kMost);
    };
    FigureView view;
    view.plotWidth = number("plot_width");
    view.state.cellWidth = number("cell_width");
    view.state.firstPlace = number("first_place");
    view.state.scrollY = number("scroll");
    view.state.followLive = object.value(QLatin1String("follow")).toBool(true);
    view.state.byStep = object.value(QLatin1String("by_step")).toBool();
    const auto choice = [&](const char* key, int last) {
        return std::clamp(object.value(QLatin1String(key)).toInt(), 0, last);
    };
    view.state.quantity = static_cast<trace::Quantity>(
        choice("quantity", static_cast<int>(trace::kQuantities.size()) - 1));
    view.state.part = static_cast<instruments::ConvergencePart>(choice("part", 2));
    return view;
}

QByteArray inAscii(const QByteArray& utf8) {
    QByteArray ascii;
    for (const QChar c : QString::fromUtf8(utf8)) {
        if (c.unicode() < 0x7F) {
            ascii += static_cast<char>(c.unicode());
        } else {
            ascii += "\\u" + QByteArray::number(c.unicode(), 16).rightJustified(4, '0');
        }
    }
    return ascii;
}

} // namespace

QByteArray toJson(const FigureRecipe& recipe) {
    QJsonObject views;
    for (const auto& [panel, view] : recipe.views) {
        views.insert(panel, viewJson(view));
    }
    const QJsonObject object{
        {QStringLiteral("figure"), kFormat},
        {QStringLiteral("software"), recipe.software},
        {QStringLiteral("panel"), recipe.panel},
        {QStringLiteral("model"), recipe.model},
        {QStringLiteral("prompt"), promptJson(recipe.prompt)},
        {QStringLiteral("settings"), settingsJson(recipe.settings)},
        {QStringLiteral("generated"), recipe.generated},
        {QStringLiteral("cursor"), cursorJson(recipe.cursor)},
        {QStringLiteral("clip"), recipe.clipFile},
        {QStringLiteral("views"), views},
        {QStringLiteral("layout"), QString::fromLatin1(recipe.layout.toBase64())},
        {QStringLiteral("docks"), QJsonArray::fromStringList(recipe.neededDocks)}};
    return inAscii(QJsonDocument(object).toJson(QJsonDocument::Compact));
}

FigureRecipe parseFigureRecipe(const QByteArray& json) {
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(json, &error);
    const QJsonObject object = document.object();
    if (!document.isObject()) {
        refuse(QStringLiteral("JSON"), error.errorString().toStdString());
    }
    FigureRecipe recipe;
    recipe.model = object.value(QLatin1String("model")).toString();
    if (!object.contains(QLatin1String("figure"))) { // of an earlier version
        recipe.clipFile = object.value(QLatin1String("file")).toString();
        recipe.prompt.ids = idsOf(object.value(QLatin1String("ids")).toArray());
        recipe.settings = settingsOf(object);
        if (recipe.model.isEmpty() && recipe.clipFile.isEmpty()) {
            refuse(QStringLiteral("model"), "is missing");
        }
        return recipe;
    }
    const double format =
        numberAt(object.value(QLatin1String("figure")), QStringLiteral("figure"), 1, 1e6);
    if (format > kFormat) {
        throw Error(ErrorCode::BadInput, "this figure was exported by a newer Depthscope",
                    "Open it with that version.");
    }
    recipe.hasView = true;
    recipe.software = object.value(QLatin1String("software")).toString();
    recipe.panel = object.value(QLatin1String("panel")).toString();
    recipe.prompt = promptOf(object.value(QLatin1String("prompt")).toObject());
    recipe.settings = settingsOf(object.value(QLatin1String("settings")).toObject());
    recipe.generated = object.value(QLatin1String("generated")).toBool();
    recipe.cursor = cursorOf(object.value(QLatin1String("cursor")).toObject());
    recipe.clipFile = object.value(QLatin1String("clip")).toString();
    const QJsonObject views = object.value(QLatin1String("views")).toObject();
    for (auto view = views.begin(); view != views.end(); ++view) {
        recipe.views[view.key()] = viewOf(view.value().toObject());
    }
    recipe.layout =
        QByteArray::fromBase64(object.value(QLatin1String("layout")).toString().toLatin1());
    for (const QJsonValue& dock : object.value(QLatin1String("docks")).toArray()) {
        recipe.neededDocks << dock.toString();
    }
    return recipe;
}

} // namespace depthscope::panels
