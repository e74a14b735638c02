// SPDX-License-Identifier: MIT
// Which models may stand beside another: the same vocabulary, the same clips.
#include "widgets/lab/reference_model.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace depthscope;
using lab::whyNotReference;

namespace {

constexpr const char* kOne = R"({"model": {"vocab": {"a": 0, "b": 1}}, "version": "1.0"})";
/// The same pieces, written otherwise.
constexpr const char* kSame = R"({"version": "1.1", "model": {"vocab": {"b": 1, "a": 0}}})";
constexpr const char* kOther = R"({"model": {"vocab": {"a": 1, "b": 0}}, "version": "1.0"})";

struct Folders {
    spec::ModelInfo model(const char* name, int vocabulary, const char* tokenizer) {
        const QDir folder(root.filePath(QString::fromLatin1(name)));
        folder.mkpath(QStringLiteral("."));
        QFile file(folder.filePath(QStringLiteral("tokenizer.json")));
        if (tokenizer != nullptr && file.open(QIODevice::WriteOnly)) {
            file.write(tokenizer);
        }
        spec::ModelInfo made;
        made.name = name;
        made.folder = folder.path().toStdString();
        made.vocabulary = vocabulary;
        return made;
    }

    QTemporaryDir root;
};

} // namespace

class TestReferenceModel : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void tokenizersAreComparedByTheirVocabulary() {
        Folders folders;
        const spec::ModelInfo main = folders.model("main", 2, kOne);
        QVERIFY(!whyNotReference(main, folders.model("equal", 2, kOne)));
        QVERIFY(!whyNotReference(main, folders.model("same", 2, kSame)));
        const std::optional<Error> other = whyNotReference(main, folders.model("other", 2, kOther));
        QVERIFY(other.has_value());
        QVERIFY(other->message().find("tokenizer of main") != std::string::npos);
        QVERIFY(!other->hint().empty());
        QVERIFY(whyNotReference(main, folders.model("none", 2, nullptr)).has_value());
        const spec::ModelInfo unknown = folders.model("unknown", 2, R"({"a": 1})");
        QVERIFY(whyNotReference(unknown, folders.model("unknown-2", 2, R"({"a": 2})")).has_value());
    }

    void sizesMustBeEqual() {
        Folders folders;
        const spec::ModelInfo main = folders.model("main", 2, nullptr);
        QVERIFY(!whyNotReference(main, folders.model("ids", 2, nullptr))); // ids alone
        const std::optional<Error> larger = whyNotReference(main, folders.model("l", 3, nullptr));
        QVERIFY(larger.has_value());
        QVERIFY(larger->message().find("2 entries, as main has; it has 3") != std::string::npos);
        spec::ModelInfo clips = folders.model("clips", 2, nullptr);
        clips.clip = spec::ClipTraits{};
        QVERIFY(whyNotReference(main, clips).has_value());
        QVERIFY(whyNotReference(clips, main).has_value());
        QVERIFY(!whyNotReference(clips, clips));
    }
};

QTEST_APPLESS_MAIN(TestReferenceModel)
#include "tst_reference_model.moc"
