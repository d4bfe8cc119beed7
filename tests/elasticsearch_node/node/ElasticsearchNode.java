/*
 * Copyright (c) 2026 keysmith.elastic contributors
 * GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.KeyStoreWrapper;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginBundle;
import org.elasticsearch.plugins.PluginsLoader;

/**
 * Runs one Elasticsearch node in this JVM: ElasticsearchNode HOME CONFIG NAME SETTING=VALUE...
 * A secure setting is given as keystore:NAME=VALUE and goes into CONFIG/elasticsearch.keystore, as on an installed node.
 */
public class ElasticsearchNode {
  private static final String SECURE = "keystore:";

  public static void main(String[] args) throws Exception {
    Path home = Path.of(args[0]).toAbsolutePath();
    Path config = Path.of(args[1]).toAbsolutePath();
    String name = args[2];
    LogConfigurator.configureESLogging();

    KeyStoreWrapper keystore = KeyStoreWrapper.create();
    Settings.Builder settings = Settings.builder().put("path.home", home.toString());
    for (int i = 3; i < args.length; i++) {
      String[] pair = args[i].split("=", 2);
      if (pair[0].startsWith(SECURE)) {
        keystore.setString(pair[0].substring(SECURE.length()), pair[1].toCharArray());
      } else {
        settings.put(pair[0], pair[1]);
      }
    }
    keystore.save(config, new char[0]);
    settings.setSecureSettings(keystore);

    Environment environment = InternalSettingsPreparer.prepareEnvironment(settings.build(), Map.of(), config, () -> name);
    Set<PluginBundle> modules = modules(environment.modulesDir());
    Node node = new Node(environment, PluginsLoader.createPluginsLoader(modules, Set.of(), Map.of(), false));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> close(node)));
    node.start();
    new CountDownLatch(1).await();
  }

  /** The method has one parameter more in some versions. */
  @SuppressWarnings("unchecked")
  private static Set<PluginBundle> modules(Path directory) throws Exception {
    for (Method method : PluginsLoader.class.getMethods()) {
      if (method.getName().equals("loadModulesBundles")) {
        boolean oneParameter = method.getParameterCount() == 1;
        return (Set<PluginBundle>) (oneParameter ? method.invoke(null, directory) : method.invoke(null, directory, false));
      }
    }
    throw new IllegalStateException("this Elasticsearch has no PluginsLoader.loadModulesBundles");
  }

  private static void close(Node node) {
    try {
      node.close();
    } catch (Exception e) {
      e.printStackTrace();
    }
  }
}
