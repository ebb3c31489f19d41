# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: patd contributors
"""kubectl, aws and terraform."""
import json
import secrets
import shutil

from tool import Tool


class Kubectl(Tool):
    name = "kubectl"
    adapter = "kubectl"
    scheme = "https"
    shows_at_most = 7
    says_cluster = True

    def configure(self, user=""):
        section = {"apiVersion": "client.authentication.k8s.io/v1", "command": "pat-kubectl",
                   "interactiveMode": "Never"}
        if self.says_cluster:
            section["provideClusterInfo"] = True
        else:
            section["args"] = [self.server.url]
        self.write("kubeconfig", json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "c",
            "clusters": [{"name": "k", "cluster": {
                "server": self.server.url,
                "certificate-authority": f"{self.world.certificate}.crt"}}],
            "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u"}}],
            "users": [{"name": "u", "user": {"exec": section}}]}))

    def command(self):
        return ["kubectl", "--kubeconfig", f"{self.home}/kubeconfig", "get", "--raw",
                "/version"], {}


    setup = ("kubectl",)
    setup_file = "users"

    def configure_before_setup(self):
        """Of several files, as in $KUBECONFIG: kubectl takes a user from the first that has it."""
        self.write("cluster", "apiVersion: v1\nkind: Config\nclusters:\n- name: k\n  cluster:\n"
                   f"    server: {self.server.url}\n    certificate-authority: "
                   f"{self.world.certificate}.crt\ncurrent-context: c\n")
        self.write("users", "apiVersion: v1\nkind: Config\n# alice's\ncontexts:\n"
                   "- context: {cluster: k, user: u}\n  name: c\nusers:\n- name: u\n  user: {}\n")

    def command_after_setup(self):
        return ["kubectl", "get", "--raw", "/version"], {
            "KUBECONFIG": f"{self.home}/none:{self.home}/cluster:{self.home}/users"}


class KubectlWithArgument(Kubectl):
    """Without provideClusterInfo the server is an argument."""
    name = "kubectl-argument"
    setup = ()
    program = "kubectl"
    says_cluster = False


class Aws(Tool):
    name = "aws"
    adapter = "aws"
    kind = "imported"

    def __init__(self, world, home):
        super().__init__(world, home)
        self.profile = f"p{secrets.token_hex(4)}"

    def places(self):
        return [f"aws://{self.profile}"]

    def configure(self, user=""):
        self.write(".aws/config", "[default]\nregion = us-east-1\n"
                   f"credential_process = pat-aws {self.profile}\n")

    def command(self):
        return ["aws", "--endpoint-url", self.server.url, "s3api", "list-buckets"], {
            "AWS_EC2_METADATA_DISABLED": "true", "AWS_MAX_ATTEMPTS": "1"}


    setup = ("aws",)
    setup_file = ".aws/config"

    def configure_before_setup(self):
        self.write(".aws/config", "# alice's\n[default]\nregion = us-east-1\n"
                   f"[profile {self.profile}]\nregion=us-east-1 \n")

    def setup_places(self):
        return (self.profile,)

    def command_after_setup(self):
        argv, more = self.command()
        return [*argv, "--profile", self.profile], more


class Terraform(Tool):
    name = "terraform"
    adapter = "terraform"
    scheme = "https"
    shows = False

    def configure(self, user=""):
        self.write(".terraformrc", 'credentials_helper "pat" {}\ndisable_checkpoint = true\n')
        self.write(".terraform.d/plugins/terraform-credentials-pat",
                   '#!/bin/sh\nexec terraform-credentials-pat "$@"\n', 0o755)
        self.write("main.tf", f'module "m" {{\n  source = "{self.server.host}/team/private/local"\n'
                   '  version = "1.0.0"\n}\n')

    def command(self):
        return ["sh", "-ec", "rm -rf .terraform; exec terraform get -no-color"], {
            "SSL_CERT_FILE": f"{self.world.certificate}.crt", "CHECKPOINT_DISABLE": "1"}

    setup = ("terraform",)
    setup_file = ".terraformrc"

    def configure_before_setup(self):
        self.configure()
        shutil.rmtree(f"{self.home}/.terraform.d")
        self.write(".terraformrc", "# alice's\ndisable_checkpoint = true\n")
