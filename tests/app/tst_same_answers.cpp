// SPDX-License-Identifier: MIT
// What depthscope-cli answers today is what it answered when tests/fixtures/answers was written: a
// change that is not meant to change answers is held against these. A change that is meant to
// writes them anew with DEPTHSCOPE_WRITE_ANSWERS=1 and shows the difference.
#include <nlohmann/json.hpp>

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>

namespace {

/// Keeps the order of the keys, which is part of the answer.
using Json = nlohmann::ordered_json;

constexpr int kPatience = 100'000;

/// Figures of logits, scores and losses may differ by this much, relative and absolute together:
/// processors sum products in different orders. As kFixtureLogits of tests/engine/tolerance.h.
constexpr double kTolerance = 2e-4;

/// Of the clock or of the machine, and the sample of a model that was hardly trained: its choices
/// are between pieces that are all but equally likely. Only their kind is compared.
constexpr std::array<std::string_view, 5> kLeftOut{"milliseconds", "tokens_per_second", "seconds",
                                                   "peak_bytes", "sample"};

/// Sums of whole numbers that are printed as floating-point numbers.
constexpr std::array<std::string_view, 2> kWhole{"flops", "full_flops"};

template <std::size_t N>
bool isOneOf(const std::array<std::string_view, N>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

QString answersFolder() {
    return QStringLiteral(DEPTHSCOPE_SOURCE_DIR "/tests/fixtures/answers/");
}

Json parsed(const QByteArray& text) {
    return Json::parse(text.begin(), text.end(), nullptr, false);
}

/// Discarded where there is no such file, or it is no JSON.
Json fileOf(const QString& name) {
    QFile file(answersFolder() + name);
    return file.open(QIODevice::ReadOnly) ? parsed(file.readAll()) : Json(Json::value_t::discarded);
}

/// '@' stands for the prompt, which has spaces, '%' for a folder that is new each time.
QStringList wordsOf(const QString& command, const QString& folder) {
    QStringList words = command.split(' ');
    for (QString& word : words) {
        word = word == "@" ? QStringLiteral("The keys that lie near the doors") : word;
        word.replace('%', folder);
    }
    return words + QStringList{"--json", "--device", "cpu", "--threads", "1"};
}

/// Whole paths, without the folder that this checkout happens to be in.
QByteArray ofAnyCheckout(QByteArray text) {
    return text.replace(DEPTHSCOPE_SOURCE_DIR "/", "<checkout>/");
}

/// `exit`, `complaint` (of a command that failed) and `answers`, one for each line.
Json answerTo(const QString& command) {
    const QTemporaryDir folder;
    QProcess process;
    process.setWorkingDirectory(QStringLiteral(DEPTHSCOPE_SOURCE_DIR)); // paths in complaints
    process.start(QStringLiteral(DEPTHSCOPE_BIN_DIR "/depthscope-cli"),
                  wordsOf(command, folder.path()));
    Json answer;
    const bool ended = process.waitForFinished(kPatience);
    const bool exited = ended && process.exitStatus() == QProcess::NormalExit;
    answer["exit"] = exited ? process.exitCode() : -1;
    const QByteArray complaint = ofAnyCheckout(process.readAllStandardError());
    answer["complaint"] = answer["exit"] == 0 ? std::string() : complaint.toStdString();
    answer["answers"] = Json::array();
    for (const QByteArray& line : ofAnyCheckout(process.readAllStandardOutput()).split('\n')) {
        if (!line.isEmpty()) {
            answer["answers"].push_back(parsed(line));
        }
    }
    return answer;
}

/// Left-out figures are written as nothing, so that the same answer is the same file.
void blank(Json& value) {
    if (!value.is_structured()) {
        return;
    }
    for (const auto& [key, child] : value.items()) {
        if (!value.is_object() || !isOneOf(kLeftOut, key)) {
            blank(child);
        } else if (child.is_string()) {
            child = std::string();
        } else if (child.is_number()) {
            child = child.is_number_float() ? Json(0.0) : Json(0);
        }
    }
}

/// A key of an answer on each line, so that a difference is short.
QByteArray linesOf(const Json& answer) {
    QByteArray text = "{\"exit\": " + QByteArray::fromStdString(answer["exit"].dump()) +
                      ",\n\"complaint\": " + QByteArray::fromStdString(answer["complaint"].dump()) +
                      ",\n\"answers\": [";
    const char* between = "";
    for (const Json& object : answer["answers"]) {
        text += between;
        between = ",";
        const char* opening = "\n{";
        for (const auto& [key, value] : object.items()) {
            text += opening + QByteArray::fromStdString(Json(key).dump() + ": " + value.dump());
            opening = ",\n";
        }
        text += "}";
    }
    return text + "]}\n";
}

QString differenceOf(const Json& is, const Json& was, std::string_view name, const QString& where);

QString differenceOfObjects(const Json& is, const Json& was, const QString& where) {
    for (auto a = is.begin(), b = was.begin(); a != is.end() && b != was.end(); ++a, ++b) {
        const QString at = where + '.' + QString::fromStdString(b.key());
        if (a.key() != b.key()) {
            return at + ": the key is now " + QString::fromStdString(a.key());
        }
        const QString difference = differenceOf(*a, *b, b.key(), at);
        if (!difference.isEmpty()) {
            return difference;
        }
    }
    return is.size() == was.size() ? QString() : where + ": other keys";
}

QString
differenceOfLists(const Json& is, const Json& was, std::string_view name, const QString& where) {
    if (is.size() != was.size()) {
        return QStringLiteral("%1: %2 entries, were %3").arg(where).arg(is.size()).arg(was.size());
    }
    for (std::size_t i = 0; i < is.size(); ++i) {
        const QString difference =
            differenceOf(is[i], was[i], name, QStringLiteral("%1[%2]").arg(where).arg(i));
        if (!difference.isEmpty()) {
            return difference;
        }
    }
    return {};
}

bool isSame(const Json& is, const Json& was, std::string_view name) {
    if (isOneOf(kLeftOut, name)) {
        return true;
    }
    if (!was.is_number_float() || isOneOf(kWhole, name)) {
        return is == was;
    }
    const double before = was.get<double>();
    return std::abs(is.get<double>() - before) <= kTolerance * (1 + std::abs(before));
}

/// Empty where `is` answers as `was` did; else the first place that does not, and both values.
QString differenceOf(const Json& is, const Json& was, std::string_view name, const QString& where) {
    const bool sameKind = is.is_number() && was.is_number()
                              ? is.is_number_float() == was.is_number_float()
                              : is.type() == was.type();
    if (sameKind && was.is_object()) {
        return differenceOfObjects(is, was, where);
    }
    if (sameKind && was.is_array()) {
        return differenceOfLists(is, was, name, where);
    }
    return sameKind && isSame(is, was, name) ? QString()
                                             : QStringLiteral("%1: %2, was %3")
                                                   .arg(where, QString::fromStdString(is.dump()),
                                                        QString::fromStdString(was.dump()));
}

} // namespace

class TestSameAnswers : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void sameAnswer_data() {
        QTest::addColumn<QString>("command");
        const Json commands = fileOf("commands.json");
        QVERIFY(commands.is_object());
        for (const auto& [name, command] : commands.items()) {
            QTest::newRow(name.c_str()) << QString::fromStdString(command.get<std::string>());
        }
    }

    void sameAnswer() {
        QFETCH(QString, command);
        Json is = answerTo(command);
        const QString name = QString(QTest::currentDataTag()) + ".json";
        if (qEnvironmentVariableIsSet("DEPTHSCOPE_WRITE_ANSWERS")) {
            blank(is);
            const QByteArray text = linesOf(is);
            QFile file(answersFolder() + name);
            QVERIFY(file.open(QIODevice::WriteOnly) && file.write(text) == text.size());
            return;
        }
        const Json was = fileOf(name);
        QVERIFY2(was.is_object(), qPrintable("no answer to compare with: " + name));
        const QString difference = differenceOf(is, was, {}, {});
        QVERIFY2(difference.isEmpty(), qPrintable(difference));
    }

    /// An answer that no command asks for would be compared with nothing.
    void everyAnswerIsAsked() {
        const Json commands = fileOf("commands.json");
        for (const QString& file : QDir(answersFolder()).entryList({"*.json"}, QDir::Files)) {
            const std::string name = file.chopped(5).toStdString();
            QVERIFY2(name == "commands" || commands.contains(name), qPrintable(file));
        }
    }
};

QTEST_APPLESS_MAIN(TestSameAnswers)
#include "tst_same_answers.moc"
