// SPDX-License-Identifier: MIT
// The family of a model folder, as its configuration says it.
#include "engine/spec/model_type.h"

#include <nlohmann/json.hpp>

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using depthscope::spec::modelTypeOf;

class TestModelType : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void familyOf_data() {
        QTest::addColumn<QByteArray>("config");
        QTest::addColumn<QByteArray>("sideCar");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char* name, const char* config, const char* sideCar,
                            const char* expected) {
            QTest::newRow(name) << QByteArray(config) << QByteArray(sideCar) << QString(expected);
        };
        row("nothing said", "{}", "", "llama");
        row("llama", R"({"model_type": "llama"})", "", "llama");
        row("MORE", R"({"model_type": "more"})", R"({"mor": {}})", "more");
        row("another", R"({"model_type": "gpt2"})", "", "gpt2");
        row("a number", R"({"model_type": 3})", "", "llama");
        row("router", R"({"model_type": "llama"})", R"({"mor": {"type": "expert"}})", "mor_llama");
        row("router off", R"({"model_type": "llama"})", R"({"mor": {"enable": false}})", "llama");
        row("recursive", R"({"model_type": "llama"})",
            R"({"mor": {"enable": false}, "recursive": {"enable": true}})", "recursive_llama");
        row("both", R"({"model_type": "mor_llama"})",
            R"({"mor": {"enable": true}, "recursive": {"enable": true}})", "mor_llama");
        row("side-car of nothing", R"({"model_type": "llama"})", "{}", "llama");
        row("side-car is a list", R"({"model_type": "llama"})", "[]", "llama");
        row("side-car alone named", R"({"model_type": "mor_llama"})", "", "mor_llama");
        row("damaged", "{", "", "");
    }

    void familyOf() {
        QFETCH(QByteArray, config);
        QFETCH(QByteArray, sideCar);
        QFETCH(QString, expected);
        const QTemporaryDir folder;
        const auto write = [&folder](const char* name, const QByteArray& bytes) {
            QFile file(folder.filePath(QLatin1String(name)));
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write(bytes);
        };
        write("config.json", config);
        if (!sideCar.isEmpty()) {
            write("mor_config.json", sideCar);
        }
        const std::filesystem::path path = folder.path().toStdString();
        QCOMPARE(QString::fromStdString(modelTypeOf(path)), expected);
        QCOMPARE(modelTypeOf(path / "none"), std::string());
    }
};

QTEST_APPLESS_MAIN(TestModelType)
#include "tst_model_type.moc"
