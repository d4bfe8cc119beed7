/*
 * Copyright (c) 2026 keysmith.elastic contributors
 * GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.elasticsearch.common.settings.KeyStoreWrapper;

/**
 * Stands in for bin/elasticsearch-keystore, which is not published as a jar, as far as it works without a terminal: KeystoreTool COMMAND...
 * The folder of the keystore is ES_PATH_CONF. As the real one does, it asks on standard error and reads from standard input: first the
 * password of the keystore, where it has one, then the value.
 */
public class KeystoreTool {
  private static final int USAGE = 64;
  private static final int DATA = 65;
  private static final int CONFIG = 78;
  private static final BufferedReader INPUT = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));

  private static final class Failed extends Exception {
    final int status;

    Failed(int status, String text) {
      super(text);
      this.status = status;
    }
  }

  public static void main(String[] args) throws Exception {
    try {
      run(Path.of(System.getenv("ES_PATH_CONF")).toAbsolutePath(), args);
    } catch (Failed failure) {
      System.err.println("ERROR: " + failure.getMessage() + ", with exit code " + failure.status);
      System.exit(failure.status);
    }
  }

  private static void run(Path config, String[] args) throws Exception {
    String command = args.length == 0 ? "" : args[0];
    List<String> names = new ArrayList<>();
    boolean force = false;
    boolean stdin = false;
    for (int i = 1; i < args.length; i++) {
      switch (args[i]) {
        case "-f", "--force" -> force = true;
        case "-x", "--stdin" -> stdin = true;
        default -> names.add(args[i]);
      }
    }
    KeyStoreWrapper keystore = KeyStoreWrapper.load(config);
    if (keystore == null) {
      throw new Failed(CONFIG, "Elasticsearch keystore not found at [" + KeyStoreWrapper.keystorePath(config) + "]. Use 'create' command to create one.");
    }
    if (command.equals("has-passwd")) {
      if (!keystore.hasPassword()) {
        throw new Failed(1, "Keystore is not password-protected");
      }
      System.out.println("Keystore is password-protected");
      return;
    }
    char[] password = open(keystore);
    switch (command) {
      case "list" -> new TreeSet<>(keystore.getSettingNames()).forEach(System.out::println);
      case "show" -> System.out.println(show(keystore, names));
      case "add" -> add(config, keystore, password, names, force, stdin);
      case "remove" -> remove(config, keystore, password, names);
      case "passwd" -> keystore.save(config, INPUT.readLine().toCharArray());
      default -> throw new Failed(USAGE, "Unknown command [" + command + "]");
    }
  }

  private static char[] open(KeyStoreWrapper keystore) throws Exception {
    char[] password = new char[0];
    if (keystore.hasPassword()) {
      System.err.print("Enter password for the elasticsearch keystore : ");
      String line = INPUT.readLine();
      password = line == null ? password : line.toCharArray();
    }
    try {
      keystore.decrypt(password);
    } catch (SecurityException e) {
      throw new Failed(DATA, "Provided keystore password was incorrect");
    }
    return password;
  }

  private static String show(KeyStoreWrapper keystore, List<String> names) throws Exception {
    if (names.size() != 1) {
      throw new Failed(USAGE, "Must provide a single setting name to show");
    }
    if (!keystore.getSettingNames().contains(names.get(0))) {
      throw new Failed(CONFIG, "Setting [" + names.get(0) + "] does not exist in the keystore.");
    }
    return keystore.getString(names.get(0)).toString();
  }

  private static void add(Path config, KeyStoreWrapper keystore, char[] password, List<String> names, boolean force, boolean stdin)
      throws Exception {
    if (names.isEmpty() || !stdin) {
      throw new Failed(USAGE, "the setting names can not be empty, and without a terminal --stdin is needed");
    }
    for (String name : names) {
      if (keystore.getSettingNames().contains(name) && !force) {
        System.out.println("Exiting without modifying keystore.");
        return;
      }
      String value = INPUT.readLine();
      keystore.setString(name, (value == null ? "" : value).toCharArray());
    }
    keystore.save(config, password);
  }

  private static void remove(Path config, KeyStoreWrapper keystore, char[] password, List<String> names) throws Exception {
    for (String name : names) {
      if (!keystore.getSettingNames().contains(name)) {
        throw new Failed(CONFIG, "Setting [" + name + "] does not exist in the keystore.");
      }
      keystore.remove(name);
    }
    keystore.save(config, password);
  }
}
