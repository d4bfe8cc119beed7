/*
 * Copyright (c) 2026 keysmith.elastic contributors
 * GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

import java.io.IOException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.apache.lucene.analysis.TokenFilter;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.email.UAX29URLEmailTokenizer;
import org.apache.lucene.analysis.pattern.PatternCaptureGroupTokenFilter;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.elasticsearch.Build;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.analysis.PreConfiguredTokenFilter;
import org.elasticsearch.index.analysis.PreConfiguredTokenizer;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.index.analysis.TokenizerFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.plugins.ActionPlugin;
import org.elasticsearch.plugins.AnalysisPlugin;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.rest.BaseRestHandler;
import org.elasticsearch.rest.RestHandler;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.RestResponse;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.xcontent.XContentBuilder;

/**
 * Stands in for the modules of an installed Elasticsearch that are not published as jars: the analysis of e-mail
 * addresses, which the security index wants, and GET /. What differs between versions is left to SupportPlugin.
 */
abstract class SupportBase extends Plugin implements AnalysisPlugin, ActionPlugin {
  private volatile ClusterService cluster;

  abstract TokenFilterFactory filterFactory(String name, Settings settings, UnaryOperator<TokenStream> filter);

  @Override
  public Collection<?> createComponents(PluginServices services) {
    cluster = services.clusterService();
    return List.of();
  }

  @Override
  public Map<String, AnalysisProvider<TokenFilterFactory>> getTokenFilters() {
    return Map.of("pattern_capture", (index, environment, name, settings) -> {
      Pattern[] patterns = settings.getAsList("patterns").stream().map(Pattern::compile).toArray(Pattern[]::new);
      boolean original = settings.getAsBoolean("preserve_original", true);
      return filterFactory(name, settings, stream -> new PatternCaptureGroupTokenFilter(stream, original, patterns));
    });
  }

  @Override
  public Map<String, AnalysisProvider<TokenizerFactory>> getTokenizers() {
    return Map.of(
        "uax_url_email",
        (index, environment, name, settings) -> TokenizerFactory.newFactory(name, UAX29URLEmailTokenizer::new));
  }

  @Override
  public List<PreConfiguredTokenizer> getPreConfiguredTokenizers() {
    return List.of(PreConfiguredTokenizer.singleton("uax_url_email", UAX29URLEmailTokenizer::new));
  }

  @Override
  public List<PreConfiguredTokenFilter> getPreConfiguredTokenFilters() {
    return List.of(PreConfiguredTokenFilter.singleton("unique", false, UniqueTokens::new));
  }

  List<RestHandler> handlers() {
    return List.of(new MainPage());
  }

  private static final class UniqueTokens extends TokenFilter {
    private final CharTermAttribute term = addAttribute(CharTermAttribute.class);
    private final Set<String> seen = new HashSet<>();

    UniqueTokens(TokenStream input) {
      super(input);
    }

    @Override
    public boolean incrementToken() throws IOException {
      while (input.incrementToken()) {
        if (seen.add(term.toString())) {
          return true;
        }
      }
      return false;
    }

    @Override
    public void reset() throws IOException {
      super.reset();
      seen.clear();
    }
  }

  private final class MainPage extends BaseRestHandler {
    @Override
    public String getName() {
      return "main";
    }

    @Override
    public List<Route> routes() {
      return List.of(new Route(RestRequest.Method.GET, "/"), new Route(RestRequest.Method.HEAD, "/"));
    }

    @Override
    protected RestChannelConsumer prepareRequest(RestRequest request, NodeClient client) {
      return channel -> channel.sendResponse(new RestResponse(RestStatus.OK, describe(channel.newBuilder())));
    }

    private XContentBuilder describe(XContentBuilder json) throws IOException {
      Build build = Build.current();
      json.startObject();
      json.field("name", cluster.getNodeName());
      json.field("cluster_name", cluster.getClusterName().value());
      json.field("cluster_uuid", cluster.state().metadata().clusterUUID());
      json.startObject("version");
      json.field("number", build.version());
      json.field("build_flavor", "default");
      json.field("build_type", "tar");
      json.field("build_hash", build.hash());
      json.field("build_date", build.date());
      json.field("build_snapshot", false);
      json.field("lucene_version", org.apache.lucene.util.Version.LATEST.toString());
      json.field("minimum_wire_compatibility_version", build.minWireCompatVersion());
      json.field("minimum_index_compatibility_version", build.minIndexCompatVersion());
      json.endObject();
      json.field("tagline", "You Know, for Search");
      return json.endObject();
    }
  }
}
