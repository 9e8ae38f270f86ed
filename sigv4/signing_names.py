"""AWS's names of services and regions: the names to sign for, and names that are used by mistake.

Loaded only for names that are not frequent. The strings are made from botocore's models by
a program of the repository, tests/interop/signing_names.py.
"""
# ruff: noqa: E501 (tables that are generated)

from __future__ import annotations

from .errors import SigningError
from .scope import is_aws_region

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

# Signing names.
_SIGNING_NAMES = """\
IngestionService IoTSecuredTunneling abuse access-analyzer account account-access acm acm-pca aco-automation agent-discovery agent-registry aidevops aiops
airflow airflow-serverless amplify amplifybackend amplifyuibuilder aoss apigateway apiportal app-integrations appconfig appfabric appflow
application-autoscaling application-cost-profiler application-signals applicationinsights appmesh apprunner appstream appsync aps arc-region-switch
arc-zonal-shift artifact athena auditmanager autoscaling autoscaling-plans aws-marketplace awsssoportal b2bi backup backup-gateway backup-search batch
bcm-dashboards bcm-data-exports bcm-pricing-calculator bcm-recommended-actions bedrock bedrock-agentcore billing billingconductor braket budgets cases
cassandra ce chatbot chime cleanrooms cleanrooms-ml cloud9 cloudcontrolapi clouddirectory cloudformation cloudfront cloudfront-keyvaluestore cloudhsm
cloudsearch cloudtrail cloudtrail-data cloudwatch codeartifact codebuild codecatalyst codecommit codeconnections codedeploy codeguru-profiler
codeguru-reviewer codeguru-security codepipeline codestar-connections codestar-notifications cognito-identity cognito-idp cognito-sync comprehend
comprehendmedical compute-optimizer config connect connect-campaigns continuum controlcatalog controltower cost-optimization-hub cur databrew dataexchange
datapipeline datasync datazone dax deadline detective devicefarm devops-guru directconnect discovery dlm dms docdb-elastic drs ds ds-data dsql dynamodb ebs
ec2 ec2-instance-connect ecr ecr-public ecs eks eks-auth elasticache elasticbeanstalk elasticfilesystem elasticloadbalancing elasticmapreduce
elemental-inference emr-containers emr-serverless end-user-messaging entityresolution es events evs execute-api firehose fis fms forecast frauddetector
freetier fsx gamelift gameliftstreams geo geo-maps geo-places geo-routes glacier globalaccelerator glue grafana greengrass groundstation guardduty health
health-agent healthlake iam identitystore imagebuilder importexport inspector inspector-scan inspector2 interconnect internetmonitor invoicing iot
iot-jobs-data iotdata iotdeviceadvisor iotfleetwise iotmanagedintegrations iotsitewise iotthingsgraph iottwinmaker iotwireless ivs ivschat kafka
kafkaconnect kendra kendra-ranking kinesis kinesisanalytics kinesisvideo kms lakeformation lambda launchwizard lex license-manager
license-manager-linux-subscriptions license-manager-user-subscriptions lightsail logs lookoutequipment m2 machinelearning macie2 managedblockchain
managedblockchain-query marketplacecommerceanalytics mediaconnect mediaconvert medialive mediapackage mediapackage-vod mediapackagev2 mediastore
mediatailor medical-imaging memorydb mgh mgn migrationhub-orchestrator migrationhub-strategy mobiletargeting monitoring mpa mq mturk-requester neptune-db
neptune-graph network-firewall network-security-manager networkflowmonitor networkmanager networkmonitor notifications notifications-contacts nova-act oam
observabilityadmin odb omics organizations osis osm outposts partnercentral partnercentral-account partnercentral-benefits partnercentral-channel
partnercentral-marketing partnercentral-selling payment-cryptography payments pca-connector-ad pca-connector-scep pcs personalize pi pipes polly pricing
pricingplanmanager profile proton qapps qbusiness quicksight ram rbin rds rds-data redshift redshift-data redshift-serverless refactor-spaces rekognition
repostspace resiliencehub resource-explorer-2 resource-groups rolesanywhere route53 route53-recovery-cluster route53-recovery-control-config
route53-recovery-readiness route53domains route53globalresolver route53profiles route53resolver rtbfabric rum s3 s3-object-lambda s3-outposts s3express
s3files s3tables s3vectors sagemaker sagemaker-geospatial savingsplans scheduler schemas scn sdb secretsmanager security-ir securityagent securityhub
securitylake serverlessrepo servicecatalog servicediscovery servicequotas ses shield signer signin sms-voice snow-device-management snowball sns
social-messaging sqs ssm ssm-contacts ssm-guiconnect ssm-incidents ssm-quicksetup ssm-sap sso sso-oauth states storagegateway sts support supportapp
supportauthz sustainability swf synthetics tagging tax textract thinclient timestream timestream-influxdb transcribe transfer translate trustedadvisor uxc
verifiedpermissions voiceid vpc-lattice waf waf-regional wafv2 wellarchitected wickr wisdom workdocs workmail workmailmessageflow workspaces
workspaces-instances workspaces-web xray
"""
# NAME=LABEL,LABEL: a signing name, and the labels in host names that are signed with it but differ from it.
_HOST_LABELS = """\
IngestionService=importexport IoTSecuredTunneling=api.iot-tunneling,api.tunneling.iot account-access=account-access-runtime
agent-registry=agent-registry-control appconfig=appconfigdata appstream=appstream2 aws-marketplace=agreement-marketplace,catalog-marketplace
aws-marketplace=catalog.marketplace,deployment-marketplace aws-marketplace=discovery-marketplace,entitlement-marketplace
aws-marketplace=entitlement.marketplace,metering-marketplace aws-marketplace=metering.marketplace,reporting-marketplace awsssoportal=portal.sso
bedrock=bedrock-agent,bedrock-agent-runtime bedrock=bedrock-data-automation,bedrock-data-automation-runtime bedrock=bedrock-runtime
bedrock-agentcore=bedrock-agentcore-control cassandra=cassandra-streams chime=identity-chime,media-pipelines-chime chime=meetings-chime,messaging-chime
chime=voice-chime cloudhsm=cloudhsmv2 cloudsearch=cloudsearchdomain cloudwatch=cloudwatch-omni connect=contact-lens detective=api.detective
dynamodb=streams-dynamodb,streams.dynamodb ecr=api.ecr ecr-public=api.ecr-public elasticfilesystem=efs es=aos events=eventsv2
execute-api=participant.connect forecast=forecastquery geo-maps=maps.geo geo-places=places.geo geo-routes=routes.geo iam=iam-toolbox
iot-jobs-data=data.jobs.iot iotdata=data-ats.iot,data.ats.iot iotdata=data.iot iotdeviceadvisor=api.iotdeviceadvisor
iotmanagedintegrations=api.iotmanagedintegrations iotwireless=api.iotwireless ivs=ivsrealtime kafka=kafka-api lex=models-v2-lex,models.lex
lex=runtime-v2-lex,runtime.lex mediastore=data.mediastore mediatailor=api.mediatailor memorydb=memory-db mgh=migrationhub-config mobiletargeting=pinpoint
partnercentral=partnercentral-prm payment-cryptography=controlplane.payment-cryptography,dataplane.payment-cryptography
personalize=personalize-events,personalize-runtime pricing=api.pricing qapps=data.qapps route53-recovery-control-config=arc-recovery-control-config
s3=s3-control sagemaker=a2i-runtime.sagemaker,api.sagemaker sagemaker=edge.sagemaker,featurestore-runtime.sagemaker
sagemaker=gateway-runtime.sagemaker,inferencerouter-runtime.sagemaker sagemaker=job-runtime.sagemaker,metrics.sagemaker
sagemaker=runtime.sagemaker,training-session-runtime.sagemaker servicecatalog=servicecatalog-appregistry ses=email,mail-manager signer=data-signer
sms-voice=sms-voice.pinpoint sso-oauth=oidc sustainability=api.sustainability timestream=ingest.timestream,query.timestream
timestream=timestream-ingest,timestream-query wickr=admin.wickr
"""
# NAME=OTHER,OTHER: the same for names of SDK clients and endpoint prefixes.
_CLIENT_NAMES = """\
IoTSecuredTunneling=iotsecuretunneling abuse=abuse-signal aco-automation=compute-optimizer-automation aidevops=devops-agent airflow=mwaa
airflow-serverless=mwaa-serverless aoss=opensearchserverless apigateway=apigatewayv2 aps=amp aws-marketplace=marketplace-agreement,marketplace-catalog
aws-marketplace=marketplace-deployment,marketplace-discovery aws-marketplace=marketplace-entitlement,marketplace-entitlement-service
aws-marketplace=marketplace-metering,marketplace-reporting aws-marketplace=meteringmarketplace cases=connectcases cassandra=keyspaces,keyspacesstreams
ce=cost-explorer chime=chime-sdk-identity,chime-sdk-media-pipelines chime=chime-sdk-meetings,chime-sdk-messaging chime=chime-sdk-voice
cloudcontrolapi=cloudcontrol cloudhsm=cloudhsm-v2 cloudsearch=cloudsearch-domain cloudwatch=cloudwatchomni cognito-idp=cognito-identity-provider
config=config-service connect=connect-contact-lens,connectscheduling connect-campaigns=connectcampaignsv2 cur=cost-and-usage-report-service
discovery=application-discovery-service dms=database-migration-service ds=directory-service ds-data=directory-service-data dynamodb=dynamodb-streams
elasticloadbalancing=elastic-load-balancing-v2,elb elasticloadbalancing=elbv2 elasticmapreduce=emr es=elasticsearch-service,opensearch
events=eventbridge,eventbridgev2 execute-api=apigatewaymanagementapi,connectparticipant geo=location greengrass=greengrassv2 health-agent=connecthealth
iot-jobs-data=iot-jobs-data-plane iotdata=iot-data-plane ivs=ivs-realtime kinesisanalytics=kinesis-analytics-v2
kinesisvideo=kinesis-video-archived-media,kinesis-video-media kinesisvideo=kinesis-video-signaling,kinesis-video-webrtc-storage
lambda=lambda-core,lambda-microvms lambda=lambda-web lex=lex-model-building-service,lex-models lex=lex-models-v2,lex-runtime
lex=lex-runtime-service,lex-runtime-v2 lex=lexv2-models,lexv2-runtime logs=cloudwatch-logs mediastore=mediastore-data mgh=migration-hub
monitoring=cloudwatch mturk-requester=mturk neptune-db=neptunedata osm=opensearchmemory partnercentral=partnercentral-revenue-measurement
payment-cryptography=payment-cryptography-data profile=customer-profiles rds=docdb,neptune refactor-spaces=migration-hub-refactor-spaces
resiliencehub=resiliencehubv2 s3=s3control sagemaker=sagemaker-a2i-runtime,sagemaker-edge
sagemaker=sagemaker-featurestore-runtime,sagemaker-gateway-runtime sagemaker=sagemaker-inference-router-runtime,sagemaker-metrics
sagemaker=sagemaker-runtime,sagemakerjobruntime sagemaker=sagemakertrainingsessionruntime scn=supplychain sdb=simpledb,simpledbv2
serverlessrepo=serverlessapplicationrepository servicecatalog=service-catalog-appregistry ses=mailmanager,pinpoint-email ses=sesv2 signer=signer-data
sms-voice=pinpoint-sms-voice,pinpoint-sms-voice-v2 sso=sso-admin sso-oauth=sso-oidc states=sfn,stepfunctions tagging=resource-groups-tagging-api
tax=taxsettings thinclient=workspaces-thin-client timestream=timestream-write wisdom=qconnect
"""
_REGIONS = """\
af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 ap-southeast-1 ap-southeast-2 ap-southeast-3
ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 ca-central-1 ca-west-1 cn-north-1 cn-northwest-1 eu-central-1 eu-central-2 eu-isoe-west-1
eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 eusc-de-east-1 il-central-1 me-central-1 me-south-1 me-west-1 mx-central-1 sa-east-1
sa-west-1 us-east-1 us-east-2 us-gov-east-1 us-gov-west-1 us-iso-east-1 us-iso-west-1 us-isob-east-1 us-isob-west-1 us-isof-east-1 us-isof-south-1
us-west-1 us-west-2
"""

# The same for host labels that are in no model.
_HAND_LABELS = """\
appsync=appsync-api,appsync-realtime-api aps=aps-workspaces codecommit=git-codecommit dynamodb=ddb
kinesis=control-kinesis,data-kinesis lambda=lambda-url neptune-db=neptune
s3=s3-accelerate,s3-accesspoint,s3-external-1,s3-global,s3-website
s3express=s3express-control sqs=queue transcribe=transcribestreaming
"""
# Labels of several services' endpoints; and labels whose requests are not signed with Version 4.
_BY_HAND: Mapping[str, str] = {
    "data-ats.iot": "iotdata iotdevicegateway",
    "data.ats.iot": "iotdata iotdevicegateway",
    "data.iot": "iotdata iotdevicegateway",
    "importexport": "importexport IngestionService",
    "iot": "iot iotdata iotdevicegateway",
    "kafka": "kafka kafka-cluster",
    "maps.geo": "geo geo-maps",
    "places.geo": "geo geo-places",
    "rds": "rds rds-db",
    "routes.geo": "geo geo-routes",
    "credentials.iot": "",
    "dkr.ecr": "",
}
# Names in the documentation and the console that are in no model.
_ALSO_CALLED = """\
acm=certificate-manager acm-pca=private-ca cognito-idp=cognito-user-pools dsql=aurora-dsql ecs=fargate
elasticloadbalancing=alb,nlb events=cloudwatch-events,eventbridge kafka=msk lambda=lambda-function-url
monitoring=cloudwatch-metrics pipes=eventbridge-pipes rds=aurora,documentdb rum=cloudwatch-rum
s3=simple-storage-service scheduler=eventbridge-scheduler servicediscovery=cloud-map
ses=simple-email-service sns=simple-notification-service sqs=simple-queue-service
ssm=parameter-store,systems-manager sts=security-token-service
"""
# botocore's names of the partitions' global endpoints.
_GLOBAL_REGIONS = """\
us-east-1=aws-global cn-north-1=aws-cn-global us-iso-east-1=aws-iso-global
us-isob-east-1=aws-iso-b-global eu-isoe-west-1=aws-iso-e-global us-isof-south-1=aws-iso-f-global
us-gov-west-1=aws-us-gov-global
"""
# Signing names of services without an SDK client.
_WITHOUT_A_CLIENT = frozenset(("iotdevicegateway", "kafka-cluster", "rds-db", "vpc-lattice-svcs"))


def _pairs(text: str) -> dict[str, str]:
    groups = [word.partition("=") for word in text.split()]
    return {other: name for name, _, others in groups for other in others.split(",")}


_NAMES = frozenset(_SIGNING_NAMES.split()) | _WITHOUT_A_CLIENT
HOST_LABELS: Mapping[str, str] = {**_pairs(_HOST_LABELS), **_pairs(_HAND_LABELS)}
_CLIENTS = {**_pairs(_CLIENT_NAMES), **_pairs(_ALSO_CALLED)}
_BY_HAND_LABELS = {label: names.partition(" ")[0] for label, names in _BY_HAND.items() if names}
_KNOWN_REGIONS = frozenset(_REGIONS.split())
_PARTITIONS_REGIONS = _pairs(_GLOBAL_REGIONS)
_SQUEEZED_REGIONS = {region.replace("-", ""): region for region in _REGIONS.split()}


def squeezed(name: str) -> str:
    """``name`` in the form that is compared: SDKs differ in case, hyphens, underscores and dots."""
    return name.lower().replace("-", "").replace("_", "").replace(".", "")


# The signing name by each other name; a name that is itself a signing name is kept.
_BY_SQUEEZED = {
    squeezed(other): name
    for names in (_BY_HAND_LABELS, HOST_LABELS, _CLIENTS, {name: name for name in _NAMES - _CLIENTS.keys()})
    for other, name in names.items()
}


def services_of_label(label: str) -> frozenset[str]:
    """The signing names for a host with ``label`` before its region; empty if unknown."""
    names = _BY_HAND.get(label)
    if names is not None:
        return frozenset(names.split())
    name = HOST_LABELS.get(label) or (label if label in _NAMES else "")
    return frozenset((name,) if name else ())


def is_known_label(label: str) -> bool:
    return label in _BY_HAND or label in HOST_LABELS or label in _NAMES


def right_service(name: str) -> str:
    """The signing name if ``name`` is another or a misspelt name of an AWS service, else ``""``.

    >>> [right_service(name) for name in ("email", "CloudWatchLogs", "S3", "sqs", "my-service")]
    ['ses', 'logs', 's3', '', '']
    """
    if name in _NAMES and name not in _CLIENTS:
        return ""
    folded = _without_wrapping(name.lower())
    turned = ".".join(reversed(folded.split(".")))  # the VPC endpoint of api.ecr is named ecr.api
    for form in (squeezed(folded), squeezed(turned)):
        for text in (form, form.removeprefix("amazon"), form.removeprefix("aws")):
            if text in _BY_SQUEEZED:
                return _BY_SQUEEZED[text]
    return ""


def _without_wrapping(folded: str) -> str:
    """``sqs`` of ``sqs.us-east-1.amazonaws.com``, ``com.amazonaws.us-east-1.sqs-fips``, ``aws.sqs``."""
    for start in ("cn.", "com.amazonaws.", "aws.", "aws-", "amazon.", "amazon-", "fips-"):
        if folded not in _NAMES:
            folded = folded.removeprefix(start)
    for end in (".cn", ".amazonaws.com", ".api.aws"):
        folded = folded.removesuffix(end)
    words = folded.split(".")
    return ".".join([word for word in words if not is_aws_region(word)] or words).removesuffix("-fips")


def check_service(name: str) -> None:
    """STS-4: raises SigningError if AWS signs requests to this service with another name."""
    right = right_service(name)
    if right:
        raise SigningError(
            f"the service is {name!r}, which is not a signing name: requests to it are signed for {right!r} "
            "(STS-4). Use that; for a service of your own with this name, pass dialect=DEFAULT in Python"
        )


def right_region(name: str, service: str = "") -> str:
    """The region if ``name`` is a misspelt AWS region or a zone of one, else ``""``.

    Other clouds have names such as ``us-east1``, and a store may be ``global``: these count as misspelt only
    for a ``service`` that only AWS has.

    >>> [right_region(name) for name in ("US-EAST-1", "useast1", "us-east-1a", "RegionOne", "us-east1")]
    ['us-east-1', 'us-east-1', 'us-east-1', '', '']
    """
    if name in _KNOWN_REGIONS:
        return ""
    if name == "EU":  # S3's old name of a European region, which it still returns
        return "eu-west-1"
    is_only_aws = service in _NAMES and not service.startswith("s3")
    folded = name.lower().replace("_", "-").removesuffix(".amazonaws.com").replace(".", "-")
    folded = folded.removeprefix("s3-").removeprefix("fips-").removesuffix("-fips")
    if folded in _PARTITIONS_REGIONS:
        return _PARTITIONS_REGIONS[folded]
    if is_only_aws and folded in ("global", "us-standard"):
        return "us-east-1"
    found = _region_of_zone(folded) or (folded if folded != name and is_aws_region(folded) else "")
    if found or is_aws_region(folded) or not (is_only_aws or folded.count("-") != 1):
        return found
    return _SQUEEZED_REGIONS.get(squeezed(name)) or " or ".join(_regions_like(folded))


def _regions_like(folded: str) -> list[str]:
    """The regions that differ in a letter or two: ``us-est-1`` may be either of two."""
    from difflib import get_close_matches

    same_number = [region for region in sorted(_KNOWN_REGIONS) if region[-1:] == folded[-1:]]
    return get_close_matches(folded, same_number, 2, 0.88)


def _region_of_zone(folded: str) -> str:
    """The region of an availability zone, its id, a local zone or a Wavelength zone."""
    if folded[-1:].isalpha() and is_aws_region(folded[:-1]):
        return folded[:-1]
    for region in _KNOWN_REGIONS:
        for start in (f"{region}-", f"{_abbreviation(region)}-"):
            if folded.startswith(start) and _is_zone(folded[len(start) :]):
                return region
    return ""


def _is_zone(text: str) -> bool:
    """Whether ``text``, after a region or its abbreviation, names a zone: ``lax-1a``, ``wl1-bos-wlz-1``."""
    place, _, number = text.rstrip("abcdefghijklmnopqrstuvwxyz").partition("-")
    if place[:2] == "wl" and place[2:].isdigit():
        return True
    if text[:2] == "az" or "-az" in text:
        return text.rpartition("az")[2].isdigit()
    return len(place) == 3 and place.isalpha() and number.isdigit()


def _abbreviation(region: str) -> str:
    """The beginning of the ids of a region's zones: ``use1`` for us-east-1, ``apse2`` for ap-southeast-2."""
    first, *words, number = region.split("-")
    letters = [f"{word[0]}{word[5]}" if word[5:] in ("east", "west") else word[0] for word in words]
    return f"{first}{''.join(letters)}{number}"


def check_region(name: str, service: str = "") -> None:
    """STS-4: raises SigningError for a misspelt AWS region and for an availability zone."""
    right = right_region(name, service)
    if right:
        raise SigningError(
            f"the region is {name!r}: AWS spells it {right!r}. Use that; for a region of your own with "
            "this name, in Python pass dialect=DEFAULT, or dialect=S3 for a store"
        )
